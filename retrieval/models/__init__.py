"""Models at work: recipes, files, tokens, engines; texts become vectors, pairs become scores."""
