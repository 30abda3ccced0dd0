using System.Buffers.Binary;
using EdgeRuntime.Backends;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Realtime;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Recording;
using Xunit;

namespace EdgeRuntime.Tests.Recording;

/// <summary>Recordings come back as they were, as far as they are whole, and are not trusted.</summary>
public class RecordingTests
{
    private static readonly RecordingHead Head = new(["face-detect"], [new RecordedModel("blazeface-front", "00")], "camera:0", null, null, true,
        new RecordedOptions(BackendKind.Cpu, null, default, 1, PlacementRule.Order, 0.5f, true, false));

    [Theory]
    [InlineData(PixelFormat.Rgb24)]
    [InlineData(PixelFormat.Nv12)]
    public void Pictures_come_back_as_they_were(PixelFormat format)
    {
        var random = new Random(7);
        PictureCodec writes = new(), reads = new();
        Frame frame = new(), back = new();
        foreach ((int width, int height, bool still) in ((int, int, bool)[])[(64, 48, false), (64, 48, true), (64, 48, false), (30, 62, false), (62, 30, false), (62, 30, true)])
        {
            frame.Resize(width, height, format);
            if (still) frame.Pixels[5]++;
            else random.NextBytes(frame.Pixels);
            (frame.Index, frame.Time) = (frame.Index + 3, frame.Time + TimeSpan.FromTicks(12345));
            byte[] packed = writes.Encode(frame);
            if (still) Assert.InRange(packed.Length, 1, 200);
            RecordingReader.Parse(packed, reader => reads.Decode(reader, back));
            Assert.Equal((frame.Index, frame.Time, width, height, format), (back.Index, back.Time, back.Width, back.Height, back.Format));
            Assert.True(frame.Pixels.SequenceEqual(back.Pixels));
        }
    }

    [Fact]
    public void Results_drops_and_sound_come_back_as_they_were()
    {
        var found = new Detection { X = 1.5f, Y = -0f, Width = float.NaN, Score = 0.25f, Label = 3, Track = 9, PointCount = 2 };
        found.Points[1] = new KeyPoint(float.PositiveInfinity, 2);
        byte[][] digests = [new byte[RecordingFormat.DigestLength]];
        var result = new RecordedResult(1, 5, TimeSpan.FromTicks(6), TimeSpan.FromTicks(7), TimeSpan.FromTicks(8), true, [found], digests);
        RecordedResult back = RecordingReader.Parse(Bytes(result.Write), RecordedResult.Read);
        Assert.Equal((1, 5, 6L, 7L, 8L, true), (back.Pipeline, back.Index, back.Time.Ticks, back.Captured.Ticks, back.CaptureToResult.Ticks, back.FailedOver));
        Assert.Null(ReplayDifference.Of(back, [found], digests, ["a"]));

        var drop = new RecordedDrop(2, 4, TimeSpan.FromTicks(3), FrameOutcome.TimedOut);
        Assert.Equal(drop, RecordingReader.Parse(Bytes(drop.Write), RecordedDrop.Read));
        foreach (float[] samples in (float[][])[[0, -1, 0.5f, 32767 / 32768f], [-0f, 0.1f, 2, float.NaN]])
        {
            RecordedSound sound = RecordingReader.Parse(Bytes(new RecordedSound(TimeSpan.FromTicks(1), default, 0.7f, samples).Write), RecordedSound.Read);
            Assert.Equal(samples.Select(BitConverter.SingleToInt32Bits), sound.Samples.Select(BitConverter.SingleToInt32Bits));
        }
    }

    [Fact]
    public void The_first_value_that_differs_is_named()
    {
        Detection one = new() { X = 1 }, other = new() { X = 1, Score = 0.5f };
        var recorded = new RecordedResult(0, 12, default, default, default, false, [one, one], [new byte[16]]);
        Assert.Equal(new ReplayDifference(12, "result 2, score", "0", "0.5"), ReplayDifference.Of(recorded, [one, other], recorded.Outputs, ["a"]));
        Assert.Equal("number of results", ReplayDifference.Of(recorded, [one], recorded.Outputs, ["a"])!.What);
        Assert.Equal("outputs of a", ReplayDifference.Of(recorded, [one, one], [[.. new byte[15], 1]], ["a"])!.What);
    }

    [Fact]
    public void A_recording_that_was_cut_off_or_damaged_is_read_up_to_its_last_whole_chunk()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "a.rec");
        using (var writer = new RecordingWriter(path, Assert.Fail))
        {
            writer.Append(ChunkKind.Head, RecordingHead.Write(Head));
            for (int i = 0; i < 3; i++) writer.Append(ChunkKind.Drop, Bytes(new RecordedDrop(0, i, default, FrameOutcome.Replaced).Write));
        }
        byte[] whole = File.ReadAllBytes(path);
        Assert.Equal((3, false), Count(whole, folder));
        const int Chunk = 8 + 18 + 4;
        for (int cut = 1; cut <= 3 * Chunk; cut++) Assert.Equal((2 - ((cut - 1) / Chunk), cut % Chunk != 0), Count(whole[..^cut], folder));
        for (int at = whole.Length - Chunk; at < whole.Length; at++)
        {
            byte[] damaged = [.. whole];
            damaged[at] ^= 0x40;
            Assert.Equal((2, true), Count(damaged, folder));
        }
        for (int length = 0; length < whole.Length - 3 * Chunk; length++) Assert.Equal(ErrorCode.CannotDecode, Assert.Throws<EdgeException>(() => Count(whole[..length], folder)).Code);
    }

    [Fact]
    public void Numbers_that_make_no_sense_are_refused()
    {
        byte[] result = Bytes(new RecordedResult(0, 0, default, default, default, false, [], []).Write), drop = Bytes(new RecordedDrop(0, 0, default, FrameOutcome.Result).Write);
        foreach (int count in (int[])[-1, 1, int.MaxValue])
        {
            BinaryPrimitives.WriteInt32LittleEndian(result.AsSpan(34), count);
            Refused(() => RecordingReader.Parse(result, RecordedResult.Read));
        }
        drop[17] = 99;
        Refused(() => RecordingReader.Parse(drop, RecordedDrop.Read));
        Refused(() => RecordingReader.Parse([.. drop, 0], RecordedDrop.Read));

        var frame = new Frame();
        frame.Resize(8, 8);
        byte[] picture = new PictureCodec().Encode(frame);
        foreach ((int at, byte value) in ((int, byte)[])[(16, 0), (16, 9), (16, 7), (19, 0x40), (24, 77), (25, 1), (27, 0xFF)])
        {
            byte[] damaged = [.. picture];
            damaged[at] = value;
            Refused(() => RecordingReader.Parse(damaged, reader => new PictureCodec().Decode(reader, new Frame())));
        }
        Refused(() => RecordingHead.Read<RecordingHead>("{\"Pipelines\": null}"u8));

        static void Refused(Action read) => Assert.Equal(ErrorCode.CannotDecode, Assert.Throws<EdgeException>(read).Code);
    }

    private static (int Chunks, bool Torn) Count(byte[] bytes, TemporaryFolder folder)
    {
        string path = Path.Combine(folder.Path, "b.rec");
        File.WriteAllBytes(path, bytes);
        using var reader = new RecordingReader(path);
        Assert.Equal("camera:0", reader.Head.Source);
        int count = 0;
        while (reader.Next(out ChunkKind kind) is not null)
        {
            Assert.Equal(ChunkKind.Drop, kind);
            count++;
        }
        return (count, reader.Torn is not null);
    }

    private static byte[] Bytes(Action<BinaryWriter> write)
    {
        using var memory = new MemoryStream();
        using var writer = new BinaryWriter(memory);
        write(writer);
        return memory.ToArray();
    }
}
