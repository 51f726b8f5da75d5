-- Detectors and subjects of which nobody wants to hear now.
SELECT DISTINCT detector, subject FROM alerts WHERE suppressed_until > now()
