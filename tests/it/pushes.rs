//! What platforms send by themselves, from the subscription to the farewell, with a shop that is played.
