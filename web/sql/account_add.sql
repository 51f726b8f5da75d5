insert into accounts (name, role, created_us) values (:name, :role, :now)
