using EdgeRuntime.Pipelines;
using EdgeRuntime.Realtime;

namespace EdgeRuntime.Tools.Recording;

/// <summary>A frame that was processed.</summary>
/// <param name="Pipeline">By which of the pipelines that give results of their own.</param>
/// <param name="Index">Its number in the source.</param>
/// <param name="Time">Its time in the source.</param>
/// <param name="Captured">When it was captured, on the machine's monotonic clock.</param>
/// <param name="CaptureToResult">Its age when the result was there.</param>
/// <param name="FailedOver">Whether a device failed meanwhile.</param>
/// <param name="Found">What was found.</param>
/// <param name="Outputs">Of each model the digest of its outputs.</param>
internal sealed record RecordedResult(int Pipeline, long Index, TimeSpan Time, TimeSpan Captured, TimeSpan CaptureToResult, bool FailedOver, Detection[] Found, byte[][] Outputs)
{
    /// <summary>Writes it.</summary>
    public void Write(BinaryWriter writer)
    {
        writer.Write((byte)Pipeline);
        writer.Write(Index);
        writer.Write(Time.Ticks);
        writer.Write(Captured.Ticks);
        writer.Write(CaptureToResult.Ticks);
        writer.Write(FailedOver);
        writer.Write(Found.Length);
        foreach (ref readonly Detection one in Found.AsSpan())
        {
            writer.Write(one.X);
            writer.Write(one.Y);
            writer.Write(one.Width);
            writer.Write(one.Height);
            writer.Write(one.Score);
            writer.Write(one.Label);
            writer.Write(one.Track);
            writer.Write(one.PointCount);
            for (int i = 0; i < one.PointCount; i++)
            {
                writer.Write(one.Points[i].X);
                writer.Write(one.Points[i].Y);
            }
        }
        writer.Write(Outputs.Length);
        foreach (byte[] digest in Outputs) writer.Write(digest);
    }

    /// <summary>Reads one, which nobody vouches for.</summary>
    public static RecordedResult Read(BinaryReader reader)
    {
        int pipeline = reader.ReadByte();
        long index = reader.ReadInt64();
        TimeSpan time = Ticks(reader), captured = Ticks(reader), age = Ticks(reader);
        bool failedOver = reader.ReadBoolean();
        var found = new Detection[Count(reader, RecordingFormat.MostDetections, "detections")];
        for (int n = 0; n < found.Length; n++)
        {
            ref Detection one = ref found[n];
            (one.X, one.Y, one.Width, one.Height, one.Score) = (reader.ReadSingle(), reader.ReadSingle(), reader.ReadSingle(), reader.ReadSingle(), reader.ReadSingle());
            (one.Label, one.Track, one.PointCount) = (reader.ReadInt32(), reader.ReadInt32(), Count(reader, KeyPoints.Capacity, "points"));
            for (int i = 0; i < one.PointCount; i++) one.Points[i] = new KeyPoint(reader.ReadSingle(), reader.ReadSingle());
        }
        var outputs = new byte[Count(reader, RecordingFormat.MostOutputs, "models")][];
        for (int i = 0; i < outputs.Length; i++)
        {
            outputs[i] = reader.ReadBytes(RecordingFormat.DigestLength);
            if (outputs[i].Length < RecordingFormat.DigestLength) throw new EndOfStreamException();
        }
        return new RecordedResult(pipeline, index, time, captured, age, failedOver, found, outputs);
    }

    private static TimeSpan Ticks(BinaryReader reader) => TimeSpan.FromTicks(reader.ReadInt64());

    private static int Count(BinaryReader reader, int most, string what)
    {
        int count = reader.ReadInt32();
        return (uint)count <= (uint)most ? count : throw RecordingFormat.Damaged($"it says {count} {what}");
    }
}

/// <summary>A frame that ended without a result of one of the pipelines.</summary>
internal sealed record RecordedDrop(int Pipeline, long Index, TimeSpan Captured, FrameOutcome Reason)
{
    /// <summary>Writes it.</summary>
    public void Write(BinaryWriter writer)
    {
        writer.Write((byte)Pipeline);
        writer.Write(Index);
        writer.Write(Captured.Ticks);
        writer.Write((byte)Reason);
    }

    /// <summary>Reads one, which nobody vouches for.</summary>
    public static RecordedDrop Read(BinaryReader reader)
    {
        var drop = new RecordedDrop(reader.ReadByte(), reader.ReadInt64(), TimeSpan.FromTicks(reader.ReadInt64()), (FrameOutcome)reader.ReadByte());
        return Enum.IsDefined(drop.Reason) ? drop : throw RecordingFormat.Damaged("a frame was dropped for no known reason");
    }
}

/// <summary>A part of sound that was listened to.</summary>
/// <param name="Time">Where it begins, counted from the first sample; a jump is a loss.</param>
/// <param name="Captured">When its last sample was captured, on the engine's clock.</param>
/// <param name="Probability">How likely it was that someone spoke.</param>
/// <param name="Samples">The samples.</param>
internal sealed record RecordedSound(TimeSpan Time, TimeSpan Captured, float Probability, float[] Samples)
{
    private const float Scale = 32768;

    /// <summary>Writes it: samples of 16 bits as such, where that loses nothing.</summary>
    public void Write(BinaryWriter writer)
    {
        bool isShort = Array.TrueForAll(Samples, s => s * Scale is >= short.MinValue and <= short.MaxValue and var scaled && BitConverter.SingleToInt32Bits((short)scaled / Scale) == BitConverter.SingleToInt32Bits(s));
        writer.Write(Time.Ticks);
        writer.Write(Captured.Ticks);
        writer.Write(Probability);
        writer.Write(isShort);
        writer.Write(Samples.Length);
        foreach (float sample in Samples)
        {
            if (isShort) writer.Write((short)(sample * Scale));
            else writer.Write(sample);
        }
    }

    /// <summary>Reads one, which nobody vouches for.</summary>
    public static RecordedSound Read(BinaryReader reader)
    {
        TimeSpan time = TimeSpan.FromTicks(reader.ReadInt64()), captured = TimeSpan.FromTicks(reader.ReadInt64());
        float probability = reader.ReadSingle();
        bool isShort = reader.ReadBoolean();
        int count = reader.ReadInt32();
        if ((uint)count > RecordingFormat.MostSamples) throw RecordingFormat.Damaged($"it says {count} samples");
        var samples = new float[count];
        for (int i = 0; i < count; i++) samples[i] = isShort ? reader.ReadInt16() / Scale : reader.ReadSingle();
        return new RecordedSound(time, captured, probability, samples);
    }
}
