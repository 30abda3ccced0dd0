using System.Text.Json.Serialization;

namespace EdgeRuntime.Tools.Verification;

/// <summary>How a model did.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<TrialStatus>))]
internal enum TrialStatus
{
    /// <summary>All outputs are as the reference's.</summary>
    [JsonStringEnumMemberName("passed")] Passed,

    /// <summary>Outputs differ by what rounding makes of it: every layer, computed from the reference's values, is as the reference's.</summary>
    [JsonStringEnumMemberName("layers")] PassedByLayers,

    /// <summary>Something differs, or does not run.</summary>
    [JsonStringEnumMemberName("failed")] Failed,

    /// <summary>There is nothing to compare with: the reference does not take the model.</summary>
    [JsonStringEnumMemberName("skipped")] Skipped,
}

/// <summary>What came of trying a model.</summary>
internal sealed record TrialResult
{
    /// <summary>The model's name.</summary>
    public required string Model { get; init; }

    /// <summary>Where it is from: the zoo's package, or the file.</summary>
    public required string Source { get; init; }

    /// <summary>The shapes it was tried with, each a list of inputs.</summary>
    public IReadOnlyList<string> Shapes { get; init; } = [];

    /// <summary>How many inputs, steps of streams counted singly.</summary>
    public int Inputs { get; init; }

    /// <summary>Steps of each stream; 1 for models without state.</summary>
    public int Steps { get; init; }

    /// <summary>The largest relative difference of floats.</summary>
    public double MaxRel { get; init; }

    /// <summary>Whether all outputs that are no floats are equal; null where there are none.</summary>
    public bool? IntegersEqual { get; init; }

    /// <summary>Whether the largest elements of rows are in the same places; null where no output has rows.</summary>
    public bool? ArgMaxEqual { get; init; }

    /// <summary>The difference between the reference and itself after its optimizer; null where that was not asked.</summary>
    public double? ReferenceRel { get; init; }

    /// <summary>How long conversion took, reading the file included.</summary>
    public double ConvertMs { get; init; }

    /// <summary>How it did.</summary>
    public required TrialStatus Result { get; init; }

    /// <summary>Why, where it is not simply as the reference's.</summary>
    public string Reason { get; init; } = "";

    /// <summary>The first layer that leaves its tolerance; null where none does or it was not asked.</summary>
    public string? FirstBadLayer { get; init; }
}
