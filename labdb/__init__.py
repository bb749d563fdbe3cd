"""labdb: the laboratory record of a group that grows perovskite nanocrystals inside sealed silica nanospheres."""
