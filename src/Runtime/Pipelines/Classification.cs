namespace EdgeRuntime.Pipelines;

/// <summary>A class that something may belong to.</summary>
/// <param name="Label">Number of the class: its name is at that place of the model's labels.</param>
/// <param name="Score">How likely it is, 0…1, where the model gives probabilities or says how to make them.</param>
public readonly record struct Classification(int Label, float Score);
