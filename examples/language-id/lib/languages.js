/** The languages that both models claim to know and that the corpus has, by ISO 639-3. */
export const languages = [
  'afr', 'bel', 'bul', 'ces', 'cmn', 'dan', 'deu', 'ell', 'eng', 'fin', 'fra', 'heb', 'hin', 'hun', 'ind', 'ita', 'jpn', 'kor',
  'lit', 'mkd', 'nld', 'nob', 'pol', 'por', 'ron', 'rus', 'slk', 'spa', 'swe', 'tgl', 'tur', 'ukr', 'vie',
];

/** Families whose members are easily taken for each other. */
export const close = [['ces', 'slk'], ['dan', 'nob', 'swe'], ['por', 'spa'], ['bel', 'bul', 'mkd', 'rus', 'ukr'], ['afr', 'nld']];
