using System.Runtime.InteropServices;
using System.Text.Json.Serialization;
using EdgeRuntime.Format;

namespace EdgeRuntime.Tools.Zoo;

/// <summary>What models/zoo.json holds.</summary>
internal sealed record ZooManifest
{
    public required ZooModel[] Models { get; init; }

    public required ZooTool[] Tools { get; init; }

    /// <summary>Sets of samples; null for none.</summary>
    public ZooDataSet[]? DataSets { get; init; }
}

/// <summary>A package of the npm registry, pinned to one content.</summary>
/// <param name="Name">Name in the registry.</param>
/// <param name="Version">Exact version.</param>
/// <param name="Integrity">SHA-512 of the archive in the form sha512-BASE64.</param>
internal sealed record NpmReference(string Name, string Version, string Integrity)
{
    public override string ToString() => $"{Name}@{Version}";
}

/// <summary>A further file of a model, such as weights that lie beside it.</summary>
/// <param name="File">Its path inside the package.</param>
/// <param name="Sha256">SHA-256 in lower-case hexadecimal.</param>
/// <param name="Bytes">Size.</param>
internal sealed record ZooFile(string File, string Sha256, long Bytes);

/// <summary>A model of the zoo: where it comes from, what it may be used for, what it takes and gives.</summary>
internal sealed record ZooModel
{
    public required string Name { get; init; }

    public required string Task { get; init; }

    public required string Description { get; init; }

    /// <summary>What is known about its accuracy, and by which measurement.</summary>
    public required string Accuracy { get; init; }

    /// <summary>SPDX identifier of the weights' licence.</summary>
    public required string License { get; init; }

    /// <summary>The package that holds it; null for a model that is in none.</summary>
    public NpmReference? Package { get; init; }

    /// <summary>Where a model that is in no package is from.</summary>
    public string? Origin { get; init; }

    /// <summary>True when a user has to download it from <see cref="Origin"/>; a model in no package is shipped else.</summary>
    public bool ByHand { get; init; }

    /// <summary>The model inside the package; without one, beside the manifest where the project ships it, else what to call it in the cache.</summary>
    public required string File { get; init; }

    /// <summary>SHA-256 of that file, in lower-case hexadecimal.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Size of that file.</summary>
    public required long Bytes { get; init; }

    /// <summary>The model's other files, which lie beside it; null where there are none.</summary>
    public ZooFile[]? Parts { get; init; }

    /// <summary>All files, the model itself last: where that one is, the others are too.</summary>
    public IEnumerable<ZooFile> AllFiles => [.. Parts ?? [], new ZooFile(File, Sha256, Bytes)];

    /// <summary>Shapes that the converter fixes where the user fixes none, by input: a batch of one picture for a pipeline.</summary>
    public Dictionary<string, int[]>? Shapes { get; init; }

    /// <summary>Names of the classes; null where it has none.</summary>
    public string[]? Labels { get; init; }

    /// <summary>The model whose classes it has; null where it has none, or its own.</summary>
    public string? LabelsOf { get; init; }

    /// <summary>Width and height of the input picture, for listing; empty for other inputs. The graph has the last word.</summary>
    public required int[] InputSize { get; init; }

    public ImageInput? Image { get; init; }

    public SoundInput? Sound { get; init; }

    /// <summary>Which output is fed back to which input, for a model that is run step by step; null for others.</summary>
    public Dictionary<string, string>? State { get; init; }

    public DecoderInfo? Decoder { get; init; }

    /// <summary>Samples that it may be calibrated with: a folder beside the manifest, or a data set as npm:NAME; null where the project has none.</summary>
    public string? Samples { get; init; }

    /// <summary>What of these samples it sees; null where it sees them whole.</summary>
    public SampleView? View { get; init; }

    /// <summary>The model that makes its input of samples of sound; null where it takes sound, or no sound.</summary>
    public SampleMaker? Before { get; init; }

    /// <summary>How to try it; null where that can be guessed.</summary>
    public TrialFacts? Trial { get; init; }

    /// <summary>Where it is from, in a few words.</summary>
    public string Source => Package is null ? Origin ?? File : $"npm {Package}, {File}";

    /// <summary>What goes into the converted file.</summary>
    public ModelMetadata Metadata() => new()
    {
        Name = Name,
        Task = Task,
        License = License,
        Source = Source,
        SourceSha256 = Sha256,
        Image = Image,
        Sound = Sound,
        State = State ?? (Trial?.State ?? []).Where(s => !s.Key.Contains('*')).ToDictionary(),
        Decoder = Decoder,
        Labels = Labels ?? [],
    };
}

/// <summary>A program that some verbs use when it is there.</summary>
internal sealed record ZooTool
{
    public required string Name { get; init; }

    public required string Description { get; init; }

    public required string License { get; init; }

    public required NpmReference Package { get; init; }

    /// <summary>What to take from the package for every platform: paths, or FOLDER/*.ext for all such files below a folder.</summary>
    public required string[] Files { get; init; }

    /// <summary>The native library of each platform, by runtime identifier.</summary>
    public required Dictionary<string, string> Native { get; init; }

    /// <summary>The path of this platform's native library in the package, or null when there is none for it.</summary>
    public string? NativeHere => Native.GetValueOrDefault(
        $"{(OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux")}-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}");

    /// <summary>True when the file of the package is wanted on this platform.</summary>
    public bool Wants(string path) => path == NativeHere || Array.Exists(Files, pattern => Matches(pattern, path));

    private static bool Matches(string pattern, string path)
    {
        int star = pattern.IndexOf('*');
        return star < 0 ? path == pattern : path.StartsWith(pattern[..star], StringComparison.Ordinal) && path.EndsWith(pattern[(star + 1)..], StringComparison.Ordinal);
    }
}

/// <summary>A set of samples in a package.</summary>
internal sealed record ZooDataSet
{
    public required string Name { get; init; }

    public required string Description { get; init; }

    public required string License { get; init; }

    public required NpmReference Package { get; init; }

    /// <summary>The files of the package that hold it, one for each class.</summary>
    public required string[] Files { get; init; }

    /// <summary>The last samples of each class, which nothing is trained with.</summary>
    public required int HeldBack { get; init; }

    /// <summary>The same as what is fetched and kept.</summary>
    public ZooTool Archive => new() { Name = Name, Description = Description, License = License, Package = Package, Files = Files, Native = [] };
}

/// <summary>Reads the manifest; a name it does not know is an error, so that a slip of the pen is not overlooked.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(ZooManifest))]
internal sealed partial class ZooJson : JsonSerializerContext;
