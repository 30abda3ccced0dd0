using System.Buffers.Binary;

namespace EdgeRuntime.Realtime.Sounds;

/// <summary>Decodes uncompressed WAV: integers of 8, 16, 24 and 32 bits, floats of 32 and 64, any number of channels, which are mixed.</summary>
internal static class WavReader
{
    /// <summary>Bounds of the rate, in samples a second.</summary>
    public const int LeastRate = 1000, MostRate = 768_000;

    private const int MostChannels = 64, MostFormatBytes = 4096, BlockFrames = 4096;

    private const ushort Integers = 1, Floats = 3, Extensible = 0xFFFE;

    public static bool Knows(ReadOnlySpan<byte> start) => start.Length >= 12 && start.StartsWith("RIFF"u8) && start[8..].StartsWith("WAVE"u8);

    /// <summary>The mean of the channels between -1 and 1, and samples a second; null for what is no WAV, or compressed.</summary>
    /// <param name="stream">The bytes, from the first on.</param>
    /// <param name="name">For messages.</param>
    /// <param name="length">How many bytes there are, or null for a stream that ends where it ends.</param>
    /// <exception cref="Diagnostics.EdgeException">The bytes are damaged, or the sound is too long.</exception>
    public static (float[] Samples, int Rate)? Read(Stream stream, string name, long? length)
    {
        var head = new byte[12];
        if (stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) < head.Length || !Knows(head)) return null;
        long at = head.Length;
        WavFormat? format = null;
        while (true)
        {
            if (stream.ReadAtLeast(head.AsSpan(0, 8), 8, throwOnEndOfStream: false) < 8) throw SoundFile.Broken(name, $"it ends at byte {at} without sound");
            at += 8;
            uint size = BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(4));
            if (head.AsSpan().StartsWith("data"u8))
            {
                if (format is not { } known) throw SoundFile.Broken(name, "its sound comes before its format");
                if (!known.IsPlain) return null;
                // Whoever writes to a pipe does not know the size.
                bool open = size == uint.MaxValue;
                if (!open && size > length - at) throw SoundFile.Broken(name, $"it claims {size:N0} bytes of sound from byte {at} on, the file has {length:N0}");
                return (Mix(stream, name, known, open ? long.MaxValue : size), known.Rate);
            }
            if (size > length - at) throw SoundFile.Broken(name, $"a part of {size:N0} bytes at byte {at} does not fit in the file");
            if (head.AsSpan().StartsWith("fmt "u8)) format = ReadFormat(stream, name, size);
            else Skip(stream, name, size);
            // Parts begin at even bytes.
            if ((size & 1) != 0) Skip(stream, name, 1);
            at += size + (size & 1);
        }
    }

    private static WavFormat ReadFormat(Stream stream, string name, uint size)
    {
        if (size is < 16 or > MostFormatBytes) throw SoundFile.Broken(name, $"its format has {size:N0} bytes");
        var bytes = new byte[size];
        if (stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length) throw SoundFile.Broken(name, "it ends inside its format");
        ushort kind = BinaryPrimitives.ReadUInt16LittleEndian(bytes), bits = BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(14));
        // The kind is the beginning of a GUID then.
        if (kind == Extensible && size >= 40) kind = BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(24));
        int channels = BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(2));
        uint rate = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(4));
        if (channels is < 1 or > MostChannels) throw SoundFile.Broken(name, $"it claims {channels} channels; 1 to {MostChannels} are read");
        if (rate is < LeastRate or > MostRate) throw SoundFile.Broken(name, $"it claims {rate:N0} samples a second; {LeastRate:N0} to {MostRate:N0} are read");
        return new WavFormat(kind == Floats, bits, channels, (int)rate, kind is Integers or Floats);
    }

    private static float[] Mix(Stream stream, string name, WavFormat format, long bytes)
    {
        int frame = format.Channels * format.Bits / 8;
        var block = new byte[BlockFrames * frame];
        var samples = new float[(int)Math.Min(bytes / frame, 1 << 16)];
        int count = 0;
        for (long left = bytes; left > 0;)
        {
            int wanted = (int)Math.Min(left, block.Length), got = stream.ReadAtLeast(block.AsSpan(0, wanted), wanted, throwOnEndOfStream: false), frames = got / frame;
            if (count + frames > SoundFile.MostSamples) throw SoundFile.TooLong(name);
            if (count + frames > samples.Length) Array.Resize(ref samples, Math.Max(count + frames, (int)Math.Min(2L * samples.Length, SoundFile.MostSamples)));
            for (int i = 0; i < frames; i++)
            {
                double sum = 0;
                for (int channel = 0; channel < format.Channels; channel++) sum += format.Sample(block.AsSpan(i * frame + channel * format.Bits / 8));
                float value = (float)(sum / format.Channels);
                if (!float.IsFinite(value)) throw SoundFile.Broken(name, $"sample {count + i} is {value}");
                samples[count + i] = value;
            }
            (count, left) = (count + frames, left - got);
            if (got < wanted) break;
        }
        return count == samples.Length ? samples : samples[..count];
    }

    private static void Skip(Stream stream, string name, long bytes)
    {
        var block = new byte[4096];
        for (long left = bytes; left > 0;)
        {
            int got = stream.Read(block, 0, (int)Math.Min(left, block.Length));
            if (got == 0) throw SoundFile.Broken(name, "it ends before its sound");
            left -= got;
        }
    }

    /// <summary>How samples lie in the file.</summary>
    private readonly record struct WavFormat(bool IsFloat, int Bits, int Channels, int Rate, bool IsKnown)
    {
        /// <summary>Whether it is one of those that are decoded here.</summary>
        public bool IsPlain => IsKnown && (IsFloat ? Bits is 32 or 64 : Bits is 8 or 16 or 24 or 32);

        public double Sample(ReadOnlySpan<byte> bytes) => (IsFloat, Bits) switch
        {
            (true, 32) => BinaryPrimitives.ReadSingleLittleEndian(bytes),
            (true, _) => BinaryPrimitives.ReadDoubleLittleEndian(bytes),
            (_, 8) => (bytes[0] - 128) / 128.0,
            (_, 16) => BinaryPrimitives.ReadInt16LittleEndian(bytes) / 32768.0,
            (_, 24) => (bytes[0] | bytes[1] << 8 | (sbyte)bytes[2] << 16) / 8388608.0,
            _ => BinaryPrimitives.ReadInt32LittleEndian(bytes) / 2147483648.0,
        };
    }
}
