namespace EdgeRuntime.Tools.Recording;

/// <summary>Something that a pipeline of sound heard.</summary>
/// <param name="Kind">What it is, such as final or keyword.</param>
/// <param name="Start">Where it begins, counted from the first sample.</param>
/// <param name="End">Where it ends, or how far sound had been heard.</param>
/// <param name="Text">The words, or nothing.</param>
/// <param name="Score">How sure the model was, or 0.</param>
/// <param name="Label">The class, or 0.</param>
internal sealed record RecordedHeard(string Kind, TimeSpan Start, TimeSpan End, string Text, float Score, int Label)
{
    /// <summary>In one line, for people.</summary>
    public override string ToString() => $"{Kind} {Start.TotalSeconds:0.000}-{End.TotalSeconds:0.000} s{(Text.Length > 0 ? $" '{Text}'" : "")}{(Score != 0 ? $" {Score:R}" : "")}";
}
