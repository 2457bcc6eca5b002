"""Where the lines and bars of a chart lie: numbers in, positions out. Pure; words and colours are the page's."""
