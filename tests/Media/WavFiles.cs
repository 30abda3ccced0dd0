using System.Buffers.Binary;
using System.Text;

namespace EdgeRuntime.Tests.Media;

/// <summary>WAV files made byte by byte.</summary>
internal static class WavFiles
{
    /// <summary>A file of 16-bit samples of one channel.</summary>
    public static void Write(string path, int rate, ReadOnlySpan<float> samples)
    {
        var data = new byte[2 * samples.Length];
        for (int i = 0; i < samples.Length; i++) BinaryPrimitives.WriteInt16LittleEndian(data.AsSpan(2 * i), (short)Math.Clamp(Math.Round(samples[i] * 32768), short.MinValue, short.MaxValue));
        File.WriteAllBytes(path, Make(1, 1, rate, 16, data));
    }

    /// <summary>A file with the sound bytes as they are.</summary>
    public static byte[] Make(ushort kind, int channels, int rate, int bits, byte[] data, uint? claimed = null, bool extensible = false)
    {
        var file = new MemoryStream();
        using var writer = new BinaryWriter(file);
        writer.Write("RIFF"u8);
        writer.Write((uint)(36 + data.Length));
        writer.Write("WAVE"u8);
        // A part that nobody wants, of odd length.
        writer.Write("note"u8);
        writer.Write(3u);
        writer.Write(Encoding.ASCII.GetBytes("abc\0"));
        writer.Write("fmt "u8);
        writer.Write(extensible ? 40u : 16u);
        writer.Write(extensible ? (ushort)0xFFFE : kind);
        writer.Write((ushort)channels);
        writer.Write((uint)rate);
        writer.Write((uint)(rate * channels * bits / 8));
        writer.Write((ushort)(channels * bits / 8));
        writer.Write((ushort)bits);
        if (extensible)
        {
            writer.Write((ushort)22);
            writer.Write((ushort)bits);
            writer.Write(3u);
            writer.Write(kind);
            writer.Write(new byte[14]);
        }
        writer.Write("data"u8);
        writer.Write(claimed ?? (uint)data.Length);
        writer.Write(data);
        return file.ToArray();
    }

    /// <summary>A tone of half the largest loudness.</summary>
    public static float[] Tone(double hertz, int rate, int samples) => [.. Enumerable.Range(0, samples).Select(i => (float)(0.5 * Math.Sin(2 * Math.PI * hertz * i / rate)))];
}
