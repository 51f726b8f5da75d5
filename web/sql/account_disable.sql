update accounts set disabled_us = coalesce(disabled_us, :now) where name = :name
