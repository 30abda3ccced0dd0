using System.Buffers.Binary;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;

namespace EdgeRuntime.Tools.Media;

/// <summary>Writes sound of one channel as a WAV file of 16-bit samples.</summary>
internal static class WavWriter
{
    private const int HeaderBytes = 44, MostBytes = int.MaxValue;

    /// <summary>Takes samples between -1 and 1; what is beyond is cut off.</summary>
    internal delegate void SampleTaker(ReadOnlySpan<float> samples);

    /// <summary>Writes a file, whole or not at all.</summary>
    /// <param name="path">The file.</param>
    /// <param name="sampleRate">Samples a second.</param>
    /// <param name="make">Gives the samples, bit by bit.</param>
    /// <exception cref="EdgeException">It cannot be written, or is too long.</exception>
    public static void Write(string path, int sampleRate, Action<SampleTaker> make) => AtomicFile.Write(path, stream =>
    {
        long bytes = 0;
        byte[] words = [];
        stream.Write(new byte[HeaderBytes]);
        make(samples =>
        {
            bytes += samples.Length * 2;
            if (bytes > MostBytes - HeaderBytes) throw new EdgeException(ErrorCode.CannotWrite, $"'{path}' would be more than a WAV file holds.", "Cut the sound into parts.");
            if (words.Length < samples.Length * 2) words = new byte[samples.Length * 2];
            for (int i = 0; i < samples.Length; i++) BinaryPrimitives.WriteInt16LittleEndian(words.AsSpan(i * 2), (short)Math.Round(Math.Clamp(samples[i], -1, 1) * short.MaxValue));
            stream.Write(words.AsSpan(0, samples.Length * 2));
        });
        stream.Position = 0;
        stream.Write(Header(sampleRate, (int)bytes));
    });

    private static byte[] Header(int sampleRate, int bytes)
    {
        byte[] header = new byte[HeaderBytes];
        "RIFF"u8.CopyTo(header);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(4), HeaderBytes - 8 + bytes);
        "WAVEfmt "u8.CopyTo(header.AsSpan(8));
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(16), 16);
        BinaryPrimitives.WriteInt16LittleEndian(header.AsSpan(20), 1);
        BinaryPrimitives.WriteInt16LittleEndian(header.AsSpan(22), 1);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(24), sampleRate);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(28), sampleRate * 2);
        BinaryPrimitives.WriteInt16LittleEndian(header.AsSpan(32), 2);
        BinaryPrimitives.WriteInt16LittleEndian(header.AsSpan(34), 16);
        "data"u8.CopyTo(header.AsSpan(36));
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(40), bytes);
        return header;
    }
}
