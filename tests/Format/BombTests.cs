using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Operators;
using EdgeRuntime.Graphs;
using EdgeRuntime.Tensors;
using Xunit;

namespace EdgeRuntime.Tests.Format;

/// <summary>Well-formed files of a few megabytes that claim graphs of gigabytes.</summary>
public class BombTests
{
    private const int Many = 1_500_000;

    [Fact]
    public void Symbols() => Refused(w => Start(w, w2 =>
    {
        w2.Count(Many);
        Repeat(w2, Many, w3 => w3.Count(0));
    }));

    [Fact]
    public void Strings() => Refused(w =>
    {
        w.Count(Many);
        Repeat(w, Many, w2 => w2.Count(0));
    });

    [Fact]
    public void Inputs() => Refused(w => Start(w, w2 =>
    {
        w2.Count(0);
        w2.Count(Many);
        Repeat(w2, Many, Input);
    }));

    [Fact]
    public void Constants() => Refused(w => Start(w, w2 =>
    {
        w2.Count(0);
        w2.Count(0);
        w2.Count(Many);
        Repeat(w2, Many, w3 =>
        {
            Input(w3);
            w3.Count(0);
        });
    }), Tensor.Scalar(1f));

    [Fact]
    public void Nodes() => Refused(w => OneInput(w, "Unary", w2 =>
    {
        w2.Count(Many);
        Repeat(w2, Many, w3 =>
        {
            w3.Count(0);
            w3.Count(0);
            w3.Count(0);
            w3.Count(1);
            w3.Count(1);
            w3.Count(1);
            Input(w3);
        });
    }));

    [Fact]
    public void Operands() => Refused(w => OneInput(w, "Concat", w2 =>
    {
        w2.Count(1);
        w2.Count(0);
        w2.Count(0);
        w2.Count(0);
        w2.Count(Many);
        Repeat(w2, Many, w3 => w3.Count(1));
        w2.Count(1);
        Input(w2);
    }));

    [Theory]
    [InlineData(9, 1, "deep")]
    [InlineData(8, 1000, "for ever")]
    public void Bodies_inside_bodies(int depth, int nodes, string words)
    {
        GraphBody Inner(int left)
        {
            var builder = new GraphBuilder($"level {left}");
            builder.Input("i", new TensorType(DataType.I64));
            Value goesOn = builder.Input("c", new TensorType(DataType.Bool)), x = builder.Input("x", new TensorType(DataType.F32, 2));
            if (left > 1) x = builder.Add("loop", new Loop(Inner(left - 1), 1), null, goesOn, x)[0];
            else for (int i = 0; i < nodes; i++) x = builder.Add1($"{i}", new Unary { Function = UnaryFunction.Neg }, x);
            builder.Output("c", goesOn);
            builder.Output("x", x);
            return new GraphBody(builder.Build());
        }

        var outer = new GraphBuilder("bomb");
        outer.Output("y", outer.Add("loop", new Loop(Inner(depth), 1), null, null, outer.Input("x", new TensorType(DataType.F32, 2)))[0]);
        EdgeException? error = HostileFileTests.Read(EdgeWriter.ToArray(new EdgeModel(outer.Build(), SmallModels.Metadata)));
        Assert.Contains(words, error?.Message);
    }

    [Fact]
    public void Operators() => Refused(w => Start(w, w2 =>
    {
        w2.Count(0);
        w2.Count(0);
        w2.Count(0);
        w2.Count(Many);
        Repeat(w2, Many, w3 => w3.Count(0));
    }));

    [Fact]
    public void Attribute_lists() => Refused(w => OneInput(w, "Transpose", w2 =>
    {
        w2.Count(1);
        w2.Count(0);
        w2.Count(0);
        w2.Count(1);
        w2.Count(2);
        w2.Byte((byte)AttributeKind.Longs);
        w2.Count(Many);
        Repeat(w2, Many, w3 => w3.Count(0));
    }, "permutation"));

    [Fact]
    public void Outputs() => Refused(w => OneInput(w, "Unary", w2 =>
    {
        w2.Count(0);
        w2.Count(Many);
        Repeat(w2, Many, w3 =>
        {
            w3.Count(0);
            w3.Count(0);
        });
    }));

    [Fact]
    public void A_tensor_of_2_to_the_62_elements() => Refused(w => Start(w, w2 =>
    {
        w2.Count(0);
        w2.Count(1);
        w2.Count(0);
        w2.Byte((byte)DataType.F32);
        w2.Byte(3);
        w2.Signed(int.MaxValue);
        w2.Signed(int.MaxValue);
        w2.Byte(0);
    }));

    [Fact]
    public void Metadata()
    {
        string json = "{\"decoder\":{\"parameters\":{" + string.Join(',', Enumerable.Range(0, 40_000).Select(i => $"\"{i:x}\":[1,1,1]")) + "}}}";
        HostileFileTests.Read(FileSurgery.Assemble(System.Text.Encoding.UTF8.GetBytes(json), GraphEncoder.Encode(SmallModels.Empty()).Section, []));
        string deep = new string('[', 100_000);
        Assert.NotNull(HostileFileTests.Read(FileSurgery.Assemble(System.Text.Encoding.UTF8.GetBytes(deep), GraphEncoder.Encode(SmallModels.Empty()).Section, [])));
    }

    /// <summary>The memory is measured by <see cref="HostileFileTests.Read"/>.</summary>
    private static void Refused(Action<ByteWriter> graph, params Tensor[] blocks)
    {
        var section = new ByteWriter();
        graph(section);
        foreach (bool compress in new[] { false, true })
        {
            EdgeException? error = HostileFileTests.Read(FileSurgery.Assemble("{}"u8, section.ToArray(), blocks, compress));
            Assert.NotNull(error);
            Assert.Equal(ErrorCode.CorruptEdgeFile, error.Code);
            Assert.Contains("section 'graph'", error.Message);
        }
    }

    private static void Start(ByteWriter writer, Action<ByteWriter> rest, params string[] strings)
    {
        writer.Count(1 + strings.Length);
        foreach (string text in strings.Prepend("n"))
        {
            writer.Count(text.Length);
            writer.Bytes(System.Text.Encoding.UTF8.GetBytes(text));
        }
        writer.Count(0);
        rest(writer);
    }

    private static void OneInput(ByteWriter writer, string op, Action<ByteWriter> rest, params string[] strings) => Start(writer, w =>
    {
        w.Count(0);
        w.Count(1);
        Input(w);
        w.Count(0);
        w.Count(1);
        w.Count(1);
        rest(w);
    }, [op, .. strings]);

    /// <summary>A name and the type of a scalar.</summary>
    private static void Input(ByteWriter writer)
    {
        writer.Count(0);
        writer.Byte((byte)DataType.F32);
        writer.Byte(1);
        writer.Byte(0);
    }

    private static void Repeat(ByteWriter writer, int count, Action<ByteWriter> item)
    {
        for (int i = 0; i < count; i++) item(writer);
    }
}
