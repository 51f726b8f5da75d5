UPDATE tokens SET name = 'erased-' || id WHERE id = :id;
