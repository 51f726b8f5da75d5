update sessions set seen_us = max(seen_us, :now) where hash = :hash
