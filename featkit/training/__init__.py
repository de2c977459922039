"""How a net is trained and predicts: recipes, data, the loop, weights. It knows no estimator."""
