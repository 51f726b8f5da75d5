//! Invented names, in plain letters so that logins follow from them.

/// Given names.
pub(crate) const GIVEN: [&str; 64] = [
    "Ada", "Aiko", "Alba", "Amir", "Anouk", "Anton", "Asha", "Bela", "Bram", "Carla", "Chen",
    "Clara", "Dario", "Divya", "Elif", "Emil", "Enzo", "Esther", "Farah", "Felix", "Gita", "Goran",
    "Hana", "Hugo", "Ida", "Ines", "Ivan", "Jana", "Jonas", "Joris", "Kai", "Katya", "Kofi",
    "Lars", "Leila", "Lena", "Luca", "Maeve", "Malik", "Marek", "Mina", "Nadia", "Nils", "Nora",
    "Olga", "Omar", "Oskar", "Paola", "Pavel", "Priya", "Quinn", "Rafael", "Ravi", "Rosa", "Samir",
    "Selma", "Sofia", "Tariq", "Theo", "Uma", "Vera", "Wanda", "Yara", "Zoe",
];

/// Family names.
pub(crate) const FAMILY: [&str; 72] = [
    "Abara", "Adler", "Almeida", "Anand", "Archer", "Baptista", "Becker", "Bergen", "Bianchi",
    "Boyd", "Brandt", "Calder", "Castell", "Chandra", "Costa", "Dahl", "Danso", "Delgado", "Doyle",
    "Eklund", "Falk", "Farrow", "Fontana", "Frost", "Galway", "Garner", "Haas", "Halloran",
    "Hartig", "Ibarra", "Iyer", "Jansen", "Kamara", "Keller", "Kimura", "Kovac", "Kruse", "Lang",
    "Larkin", "Lovell", "Lund", "Mahler", "Marsh", "Mehta", "Mendes", "Moran", "Nakano", "Novak",
    "Okoye", "Olsen", "Ortega", "Osei", "Park", "Petrov", "Quist", "Rao", "Reyes", "Rossi",
    "Sandoval", "Sato", "Sharma", "Silva", "Soler", "Stern", "Tanaka", "Thorne", "Ueda", "Varga",
    "Vogel", "Weber", "Wolff", "Zeman",
];
