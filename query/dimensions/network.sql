-- The autonomous system of an attempt's address, as the source says.
'AS' || CAST(asn AS VARCHAR)
