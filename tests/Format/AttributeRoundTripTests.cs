using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Operators;
using Xunit;

namespace EdgeRuntime.Tests.Format;

/// <summary>Every attribute of every operator survives a file.</summary>
public class AttributeRoundTripTests
{
    public static TheoryData<string> Names => [.. OperatorCatalog.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Attributes_survive(string name)
    {
        Operator written = OperatorCatalog.Create(name)!;
        var others = new OtherValues();
        written.Attributes(others);
        Operator read = OperatorCatalog.Create(name)!;
        if (others.Count > 0) Assert.NotEqual(read.ToString(), written.ToString());

        Copy(written, read);

        Assert.Equal(written.ToString(), read.ToString());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Defaults_survive(string name)
    {
        Operator written = OperatorCatalog.Create(name)!, read = OperatorCatalog.Create(name)!;
        read.Attributes(new OtherValues());
        Copy(written, read);
        Assert.Equal(written.ToString(), read.ToString());
    }

    [Fact]
    public void Attributes_that_are_not_there_keep_their_defaults()
    {
        var read = new Softmax();
        Decode(new ByteWriterOf(w => w.Count(0)).Bytes, [], read);
        Assert.Equal(new Softmax().ToString(), read.ToString());
    }

    [Fact]
    public void Unknown_attributes_are_refused_by_name()
    {
        byte[] bytes = new ByteWriterOf(w =>
        {
            w.Count(1);
            w.Count(0);
            w.Byte((byte)AttributeKind.Float);
            w.Single(1);
        }).Bytes;
        EdgeException error = Assert.Throws<EdgeException>(() => Decode(bytes, ["later"], new Softmax()));
        Assert.Equal(ErrorCode.CorruptEdgeFile, error.Code);
        Assert.Contains("'later'", error.Message);
        error = Assert.Throws<EdgeException>(() => Decode(bytes, ["later"], new Softmax(), newer: true));
        Assert.Equal(ErrorCode.EdgeVersion, error.Code);
    }

    private static void Copy(Operator from, Operator to)
    {
        var strings = new List<string>();
        var writer = new ByteWriter();
        AttributeWriter.Write(from, writer, text =>
        {
            strings.Add(text);
            return strings.Count - 1;
        }, (_, _) => throw new InvalidOperationException());
        Decode(writer.ToArray(), [.. strings], to);
    }

    private static void Decode(byte[] bytes, string[] strings, Operator op, bool newer = false) =>
        new GraphDecoder(bytes, "test", bytes.Length, newer, 0, (_, _) => throw new InvalidOperationException()) { StringTable = strings }.Attributes(op, "node");

    private sealed class ByteWriterOf
    {
        public ByteWriterOf(Action<ByteWriter> write)
        {
            var writer = new ByteWriter();
            write(writer);
            Bytes = writer.ToArray();
        }

        public byte[] Bytes { get; }
    }

    /// <summary>Sets each attribute to a value that is not its default, and each to another.</summary>
    private sealed class OtherValues : AttributeCodec
    {
        public int Count { get; private set; }

        public override void Long(string name, ref long value)
        {
            Count++;
            value = value switch
            {
                0 or 1 => 1 - value,
                > int.MaxValue / 2 => Count,
                _ => value + Count,
            };
        }

        public override void Float(string name, ref float value) => value += 0.375f + Count++;

        public override void String(string name, ref string value)
        {
            Count++;
            // A list of three names that goes with the lists of three numbers.
            value = name == "activations" ? "Relu Tanh Identity" : value + $"ü{Count}";
        }

        public override void Longs(string name, ref long[] values) => values = [.. values, -1, int.MaxValue, Count++];

        public override void Floats(string name, ref float[] values) => values = [.. values, -0.1f, float.PositiveInfinity, Count++];

        public override void Body(string name, ref Body? value) { }

        public override void Enum<T>(string name, ref T value)
        {
            Count++;
            T current = value;
            value = System.Enum.GetValues<T>().Last(v => !v.Equals(current));
        }
    }
}
