update login_links
set used_us = :now
where hash = :hash
  and used_us is null
  and expires_us > :now
  and account_id in (select id from accounts where disabled_us is null)
returning account_id
