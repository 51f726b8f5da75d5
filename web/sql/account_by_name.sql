select id, disabled_us from accounts where name = :name
