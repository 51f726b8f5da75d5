insert into login_links (hash, account_id, created_us, expires_us)
values (:hash, :account, :now, :expires)
