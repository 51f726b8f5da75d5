select l.expires_us, l.used_us, a.disabled_us
from login_links l
join accounts a on a.id = l.account_id
where l.hash = :hash
