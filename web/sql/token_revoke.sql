update tokens set revoked_us = coalesce(revoked_us, :now) where id = :id
