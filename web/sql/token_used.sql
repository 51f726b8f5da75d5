update tokens set used_us = max(coalesce(used_us, 0), :used) where id = :id
