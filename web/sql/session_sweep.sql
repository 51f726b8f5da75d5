delete from sessions where created_us < :before
