// Petroff's ten colours (arXiv:2107.02270): distinguishable with any colour vision, 3:1 and more on black.
export const COLOURS = [
  "#3f90da",
  "#ffa90e",
  "#bd1f01",
  "#94a4a2",
  "#832db6",
  "#a96b59",
  "#e76300",
  "#b9ac70",
  "#717581",
  "#92dadd",
];
