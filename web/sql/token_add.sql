insert into tokens (id, name, hash, sources, created_us, expires_us)
values (:id, :name, :hash, :sources, :now, :expires)
