using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeRuntime.Tools.Runs;

namespace EdgeRuntime.Tools.Recording;

/// <summary>What ran: all that is needed to run it again.</summary>
/// <param name="Pipelines">The pipelines of pictures, as the user named them; or one of sound.</param>
/// <param name="Models">A model for each, followed by the one that finds things for it where it has one, and one for the sound if it was listened to. All models of a pipeline of sound, in the order in which it loads them.</param>
/// <param name="Source">Where frames, or sound, came from.</param>
/// <param name="SourceDigest">The source's digest where it is a file, whose frames are found there again; null where the pictures are in the recording.</param>
/// <param name="Sound">Where sound came from, or null.</param>
/// <param name="Realtime">Whether frames were taken as they came.</param>
/// <param name="Options">How the pipelines ran.</param>
internal sealed record RecordingHead(IReadOnlyList<string> Pipelines, IReadOnlyList<RecordedModel> Models, string Source, string? SourceDigest, string? Sound, bool Realtime, RecordedOptions Options)
{
    /// <summary>True where each pipeline had a lane, and gave results, of its own.</summary>
    [JsonIgnore]
    public bool HasLanes => Realtime && Pipelines.Count > 1;

    private static readonly JsonSerializerOptions Json = new() { RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, Converters = { new JsonStringEnumConverter() } };

    /// <summary>The SHA-256 of a file, in hexadecimal digits.</summary>
    public static string DigestOf(string path)
    {
        using FileStream file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    /// <summary>As bytes of JSON.</summary>
    public static byte[] Write<T>(T value) => JsonSerializer.SerializeToUtf8Bytes(value, Json);

    /// <summary>From bytes of JSON, which nobody vouches for.</summary>
    /// <exception cref="Diagnostics.EdgeException">They are something else.</exception>
    public static T Read<T>(ReadOnlySpan<byte> bytes) where T : class
    {
        if (bytes.Length > RecordingFormat.MostJsonBytes) throw RecordingFormat.Damaged("its description is too long");
        try
        {
            return JsonSerializer.Deserialize<T>(bytes, Json) ?? throw RecordingFormat.Damaged("its description is empty");
        }
        catch (JsonException e)
        {
            throw RecordingFormat.Damaged($"its description cannot be read ({e.Message})");
        }
    }
}

/// <summary>A model that ran.</summary>
/// <param name="Model">The file, or its name in the zoo.</param>
/// <param name="Digest">The file's digest.</param>
internal sealed record RecordedModel(string Model, string Digest);

/// <summary>How pipelines ran; the gallery is the file of faces that were known.</summary>
internal sealed record RecordedOptions(
    Backends.BackendKind Backend, string? Device, Backends.Gpu.GpuPrecision Precision, int Threads, Backends.PlacementRule Placement, float? ScoreThreshold, bool Follows, bool Smooths, RecordedModel? Gallery = null, bool Partials = false)
{
    /// <summary>What is kept of options.</summary>
    public static RecordedOptions Of(PipelineOptions options, bool partials = false, RecordedModel? gallery = null) => new(
        options.Session.Backend, options.Session.Device, options.Session.Precision, options.Session.Threads, options.Session.Placement, options.ScoreThreshold, options.Follows, options.Smooths, gallery, partials);

    /// <summary>The options again.</summary>
    public PipelineOptions ToOptions(Sessions.SessionOptions? session) => new(
        session ?? new Sessions.SessionOptions { Backend = Backend, Device = Device, Precision = Precision, Threads = Threads, Placement = Placement }, ScoreThreshold, Follows, Smooths);
}

/// <summary>Which backend ran which steps.</summary>
/// <param name="Frame">From which frame on.</param>
/// <param name="Steps">Of each model the backends with how many steps, in order, such as "vulkan 12, cpu 3".</param>
/// <param name="Events">What happened to devices before.</param>
internal sealed record RecordedPlacement(long Frame, IReadOnlyList<string> Steps, IReadOnlyList<string> Events);

/// <summary>The totals of a run.</summary>
internal sealed record RecordedEnd(long Results, IReadOnlyDictionary<string, long> Drops, long SoundParts, long SoundLost);
