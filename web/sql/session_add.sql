insert into sessions (hash, account_id, created_us, seen_us)
values (:hash, :account, :now, :now)
