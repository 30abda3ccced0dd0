namespace EdgeRuntime.Tools.Zoo;

/// <summary>What of a picture a model sees that looks at parts of pictures.</summary>
internal sealed record SampleView
{
    /// <summary>What is cut out, or drawn.</summary>
    public required ViewKind Of { get; init; }

    /// <summary>The model of the zoo that finds it; null for text.</summary>
    public string? Finder { get; init; }

    /// <summary>How many times the box that was found.</summary>
    public float Enlarged { get; init; } = 1;

    /// <summary>How much of the box lower.</summary>
    public float Shift { get; init; }
}

/// <summary>Parts of pictures.</summary>
internal enum ViewKind
{
    /// <summary>A square around a face, upright.</summary>
    Face,

    /// <summary>A face with eyes, nose and mouth where models of faces expect them.</summary>
    Aligned,

    /// <summary>An eye.</summary>
    Eye,

    /// <summary>A hand that is found by its palm.</summary>
    Palm,

    /// <summary>The whole picture, with lines of text drawn on it.</summary>
    Text,
}
