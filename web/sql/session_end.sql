update sessions set ended_us = :now where hash = :hash and ended_us is null
