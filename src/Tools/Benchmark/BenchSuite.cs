using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Tools.Zoo;

namespace EdgeRuntime.Tools.Benchmark;

/// <summary>The models that <c>bench --suite</c> measures: what models/suite.json declares.</summary>
internal sealed record BenchSuite
{
    private const string File = "suite.json";

    public required SuiteModel[] Models { get; init; }

    /// <summary>Reads the declaration that stands beside the zoo's.</summary>
    /// <exception cref="EdgeException">It is missing or says what it must not.</exception>
    public static BenchSuite Load() => Load(Path.Combine(ModelZoo.Default.Folder, File));

    /// <summary>Reads a declaration.</summary>
    /// <exception cref="EdgeException">It is missing or says what it must not.</exception>
    internal static BenchSuite Load(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(System.IO.File.ReadAllBytes(path), SuiteJson.Default.BenchSuite) ?? throw new JsonException("The file holds null.");
        }
        catch (JsonException e)
        {
            throw new EdgeException(ErrorCode.CannotRead, $"{path}: the benchmark's suite is malformed: {e.Message}", "Restore it from the repository.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EdgeException(ErrorCode.CannotRead, $"{path}: the benchmark's suite cannot be read: {e.Message}", "Restore it from the repository.", e);
        }
    }

    /// <summary>The models of these names, in the suite's order; all where none is named.</summary>
    /// <exception cref="EdgeException">The suite has no such model.</exception>
    public IReadOnlyList<SuiteModel> Choose(IReadOnlyCollection<string> names)
    {
        if (names.FirstOrDefault(n => !Models.Any(m => m.Name == n)) is { } unknown)
            throw new EdgeException(ErrorCode.BadUsage, $"The suite has no model '{unknown}'; it has {string.Join(", ", Models.Select(m => m.Name))}.");
        return [.. Models.Where(m => names.Count == 0 || names.Contains(m.Name))];
    }
}

/// <summary>A model of the suite: a name of the zoo, or a file to be had by hand.</summary>
internal sealed record SuiteModel
{
    public required string Name { get; init; }

    /// <summary>Shapes of inputs whose own are open.</summary>
    public Dictionary<string, int[]> Shapes { get; set; } = [];

    /// <summary>True where it is measured in integers, too, quantized by us.</summary>
    public bool Int8 { get; init; }

    /// <summary>True where the model came quantized: then both sides run the same integers.</summary>
    public bool Quantized { get; init; }

    /// <summary>For a model that the zoo does not have: where it is from.</summary>
    public string? Origin { get; init; }

    /// <summary>For a model that the zoo does not have: SHA-256 of its file in lower-case hexadecimal.</summary>
    public string? Sha256 { get; init; }

    /// <summary>For a model that the zoo does not have: size of its file.</summary>
    public long Bytes { get; init; }

    /// <summary>What its own arithmetic is called in the table.</summary>
    [JsonIgnore]
    public string Variant => Quantized ? SuiteRow.Same : SuiteRow.Float;
}

/// <summary>Reads the declaration, strictly, and writes reports.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(BenchSuite))]
[JsonSerializable(typeof(SuiteReport))]
[JsonSerializable(typeof(PlacementReport))]
internal sealed partial class SuiteJson : JsonSerializerContext;
