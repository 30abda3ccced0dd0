using EdgeRuntime.Diagnostics;

namespace EdgeRuntime.Tools.Recording;

/// <summary>What a chunk of a recording holds.</summary>
internal enum ChunkKind
{
    /// <summary>What ran on what, as JSON: the first chunk.</summary>
    Head = 1,

    /// <summary>Which backend runs which steps, as JSON; again whenever a device failed or came back.</summary>
    Placement = 2,

    /// <summary>The pixels of the frame whose result comes next.</summary>
    Picture = 3,

    /// <summary>A frame that was processed, with what was found.</summary>
    Result = 4,

    /// <summary>A frame that ended without a result.</summary>
    Drop = 5,

    /// <summary>A part of sound that was listened to.</summary>
    Sound = 6,

    /// <summary>What a pipeline of sound heard, as JSON; before the part in which it was heard.</summary>
    Heard = 8,

    /// <summary>The totals, as JSON: the last chunk of a run that ended.</summary>
    End = 7,
}

/// <summary>
/// The form of a recording: a signature, then chunks one after the other: kind, length, the bytes, and a CRC-32C of all three, numbers in little-endian order. Chunks are only appended, so a run that was killed leaves
/// a recording that is usable up to its last whole chunk.
/// </summary>
internal static class RecordingFormat
{
    public const int HeadLength = 8, CheckLength = 4, MostChunkBytes = 256 << 20, MostJsonBytes = 4 << 20, MostSide = 16384, MostPixels = 64 << 20, MostDetections = 65536, MostOutputs = 64, MostSamples = 1 << 20;

    /// <summary>Bytes of a digest of outputs: half of a SHA-256.</summary>
    public const int DigestLength = 16;

    /// <summary>The signature; the last number is the version.</summary>
    public static ReadOnlySpan<byte> Magic => "EDGEREC\u0002"u8;

    /// <summary>The error for a recording that makes no sense.</summary>
    public static EdgeException Damaged(string what) => new(ErrorCode.CannotDecode, $"The recording is damaged: {what}.", "Record the session again.");
}
