update accounts set disabled_us = null where name = :name
