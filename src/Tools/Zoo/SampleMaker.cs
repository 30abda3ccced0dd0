namespace EdgeRuntime.Tools.Zoo;

/// <summary>How a model's input is made of sound by another model, which makes rows of numbers: as many of the latest as fill the input.</summary>
internal sealed record SampleMaker
{
    /// <summary>The other model, of the zoo.</summary>
    public required string Model { get; init; }

    /// <summary>What samples between -1 and 1 are multiplied by before it hears them.</summary>
    public float SoundScale { get; init; } = 1;

    /// <summary>What its numbers are multiplied by.</summary>
    public float Scale { get; init; } = 1;

    /// <summary>What is added to them then.</summary>
    public float Offset { get; init; }

    /// <summary>Where it makes its rows of others itself: how many of these lie between two of its rows.</summary>
    public int Step { get; init; } = 1;
}
