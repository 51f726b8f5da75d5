update tokens
set expires_us = min(coalesce(expires_us, :at), :at)
where id = :id and revoked_us is null
