using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Evaluation;
using EdgeRuntime.Tools.Quantizing;
using Xunit;

namespace EdgeRuntime.Tests.Quantizing;

/// <summary>From samples to ranges, and channels that are given like ones.</summary>
public sealed class CalibrationTests
{
    [Theory]
    [InlineData(nameof(UnaryFunction.Relu))]
    [InlineData(nameof(UnaryFunction.LeakyRelu))]
    [InlineData(nameof(UnaryFunction.Swish))]
    [InlineData(nameof(UnaryFunction.HardSwish))]
    public void EqualizingKeepsTheFunction(string function)
    {
        Graph graph = DepthwiseNetwork(Enum.Parse<UnaryFunction>(function));
        IReadOnlyDictionary<Value, ValueStatistics> statistics = Statistics(graph);
        Graph equal = ChannelEqualization.Apply(graph, statistics)!;
        Assert.NotNull(equal);
        Assert.True(OutputNoise.Decibels(graph, equal, new MadeSamples(graph, 4), 4) > 100);
        // What the depthwise convolution reads had channels a thousand times apart.
        (float before, float after) = (Spread(statistics, "wide"), Spread(Statistics(equal), "wide"));
        Assert.True(before > 200 && after < before / 20, $"{before} became {after}");
    }

    /// <summary>As with ReLU6: a channel that never reaches the bound has room for a scale of its own.</summary>
    [Fact]
    public void ChannelsBelowAnUpperBoundAreMadeAlikeAndThoseAtItKeepTheirScale()
    {
        float widest = Statistics(DepthwiseNetwork()).First(s => s.Key.Name == "wide").Value.Channels.Max(), bound = widest / 2;
        Graph graph = DepthwiseNetwork(new Activation(UnaryFunction.Clip, 0, bound));
        IReadOnlyDictionary<Value, ValueStatistics> statistics = Statistics(graph);
        float[] before = statistics.First(s => s.Key.Name == "wide").Value.Channels;
        Graph equal = ChannelEqualization.Apply(graph, statistics)!;
        float[] after = Statistics(equal).First(s => s.Key.Name == "wide").Value.Channels;
        Assert.True(OutputNoise.Decibels(graph, equal, new MadeSamples(graph, 4), 4) > 100);
        Assert.Contains(bound, before);
        Assert.All(before.Zip(after), c => Assert.True(c.First < bound ? c.Second < bound : c.Second == bound, $"{c.First} of {bound} became {c.Second}"));
        Assert.Contains(before.Zip(after), c => c.First < bound / 64 && c.Second > 4 * c.First);
    }

    [Theory]
    [InlineData(nameof(UnaryFunction.Relu))]
    [InlineData(nameof(UnaryFunction.LeakyRelu))]
    [InlineData(nameof(UnaryFunction.Swish))]
    [InlineData(nameof(UnaryFunction.HardSwish))]
    public void ADepthwiseNetworkWithWildChannelsIsRescued(string function)
    {
        Graph graph = DepthwiseNetwork(Enum.Parse<UnaryFunction>(function));
        var samples = new MadeSamples(graph, 8);
        var model = new EdgeModel(graph, new ModelMetadata { Name = "wild" });
        IReadOnlyDictionary<Value, ValueStatistics> statistics = Statistics(graph);
        var plan = new QuantizationPlan(graph, new HashSet<Node>());
        var plain = new Int8Candidates(graph, RangeChoice.Choose(plan, statistics, model.Metadata), new HashSet<Node>(), statistics);
        Int8Candidates rescued = Int8Calibration.Run(graph, model, samples);
        double before = Decibels(plain), after = Decibels(rescued);
        Assert.True(after > before + 8 && after > 20, $"{before:f1} dB became {after:f1} dB");
        // Nothing is left between the convolutions, which have the scales of channels as gains where a function stands before them.
        Graph built = rescued.Build(new HashSet<Layer>(), halves: false);
        Assert.Equal([nameof(Quantize), nameof(Conv), nameof(Conv), nameof(Conv)], built.Nodes.Select(n => n.Operator.GetType().Name));
        Assert.Equal(function is nameof(UnaryFunction.Swish) or nameof(UnaryFunction.HardSwish), built.Nodes[1].Input(Conv.Gain) is not null);

        double Decibels(Int8Candidates candidates) => OutputNoise.Decibels(graph, candidates.Build(new HashSet<Layer>(), halves: false), samples, 8);
    }

    [Fact]
    public void ChannelsInDifferentPlacesAreMovedToTheirMiddles()
    {
        Graph graph = ShiftedNetwork();
        IReadOnlyDictionary<Value, ValueStatistics> statistics = Statistics(graph);
        Value shifted = graph.Nodes[0].Outputs[0];
        ValueStatistics seen = statistics[shifted];
        float[] middles = Assert.Single(ChannelCentres.Of(graph, statistics)).Value;
        for (int c = 0; c < middles.Length; c++) Assert.Equal(seen.Lows[c] / 2 + seen.Highs[c] / 2, middles[c]);
        Graph equal = ChannelEqualization.Apply(graph, statistics)!;
        var samples = new MadeSamples(graph, 8);
        Assert.True(OutputNoise.Decibels(graph, equal, samples, 4) > 90);
        ValueStatistics moved = Statistics(equal).First(s => s.Key.Name == shifted.Name).Value;
        for (int c = 0; c < middles.Length; c++) Assert.Equal(-moved.Lows[c], moved.Highs[c], moved.Highs[c] * 1e-2f);
        // Channels twenty times as far apart as they are wide need twenty times finer steps than one range for all has.
        var plan = new QuantizationPlan(graph, new HashSet<Node>());
        var plain = new Int8Candidates(graph, RangeChoice.Choose(plan, statistics, new ModelMetadata()), new HashSet<Node>(), statistics);
        Int8Candidates chosen = Int8Calibration.Run(graph, new EdgeModel(graph, new ModelMetadata { Name = "shifted" }), samples);
        double before = Decibels(plain), after = Decibels(chosen);
        Assert.True(after > before + 10, $"{before:f1} dB became {after:f1} dB");

        double Decibels(Int8Candidates candidates) => OutputNoise.Decibels(graph, candidates.Build(new HashSet<Layer>(), halves: false), samples, 8);
    }

    [Theory]
    [InlineData(true, nameof(UnaryFunction.Identity))]
    [InlineData(false, nameof(UnaryFunction.Relu))]
    public void ChannelsStayWhereReadersPadOrAFunctionIsBetween(bool pads, string function)
    {
        Graph graph = ShiftedNetwork(pads, Enum.Parse<UnaryFunction>(function));
        Assert.Empty(ChannelCentres.Of(graph, Statistics(graph)));
    }

    [Fact]
    public void ASampleWithNaNIsNamed()
    {
        Graph graph = DepthwiseNetwork();
        EdgeException e = Assert.Throws<EdgeException>(() => Calibration.Run(graph, [graph.Nodes[0].Outputs[0]], new Poisoned(new MadeSamples(graph, 3))));
        Assert.Contains("sample 1", e.Message);
        Assert.Contains("'x'", e.Message);
        Assert.Contains("NaN", e.Message);
    }

    [Fact]
    public void NoSamplesAreRefused()
    {
        Graph graph = DepthwiseNetwork();
        Assert.Equal(ErrorCode.BadUsage, Assert.Throws<EdgeException>(() => Calibration.Run(graph, [graph.Nodes[0].Outputs[0]], new MadeSamples(graph, 0))).Code);
    }

    [Fact]
    public void ALayerWhoseValuesAreNotFiniteStaysInFloats()
    {
        var b = new GraphBuilder("roots");
        Value x = b.Input("x", new TensorType(DataType.F32, 1, 4, 4, 8));
        Value first = b.Add1("first", new Conv { Window = Window.Of([1, 1]) }, x, b.Constant("w1", Weights(1, 8, 1, 1, 8)));
        Value root = b.Add1("root", new Unary { Function = UnaryFunction.Sqrt }, first);
        b.Output("y", b.Add1("second", new Conv { Window = Window.Of([1, 1]) }, root, b.Constant("w2", Weights(2, 8, 1, 1, 8))));
        Graph graph = b.Build();
        Int8Candidates candidates = Int8Calibration.Run(graph, new EdgeModel(graph, new ModelMetadata()), new MadeSamples(graph, 4));
        Graph built = candidates.Build(new HashSet<Layer>(), halves: false);
        Conv[] convolutions = [.. built.Nodes.Select(n => n.Operator).OfType<Conv>()];
        Assert.False(convolutions[0].Result.IsNone);
        Assert.True(convolutions[1].Result.IsNone);
    }

    /// <summary>A channel whose weights are all zero, and a value that is the same in all samples: their scales are no division by zero.</summary>
    [Fact]
    public void NothingButZerosIsQuantizedToo()
    {
        var b = new GraphBuilder("zeros");
        Value x = b.Input("x", new TensorType(DataType.F32, 1, 5, 5, 8));
        Tensor first = Weights(1, 8, 3, 3, 8), none = new(new TensorType(DataType.F32, 8, 1, 1, 8));
        first.Span<float>()[..(3 * 3 * 8)].Clear();
        Value mixed = b.Add1("mixed", new Conv { Window = Window.Of([3, 3]) }, x, b.Constant("w1", first));
        Value dead = b.Add1("dead", new Conv { Window = Window.Of([1, 1]) }, mixed, b.Constant("w2", none));
        b.Output("y", b.Add1("sum", new Conv { Window = Window.Of([1, 1]) }, b.Add1("both", new Concat { Axis = -1 }, mixed, dead), b.Constant("w3", Weights(3, 4, 1, 1, 16))));
        Graph graph = b.Build();
        var samples = new MadeSamples(graph, 4);
        Graph built = Int8Calibration.Run(graph, new EdgeModel(graph, new ModelMetadata()), samples).Build(new HashSet<Layer>(), halves: false);
        Assert.All(built.Nodes.Where(n => n.Operator is Conv), n => Assert.False(((Conv)n.Operator).Result.IsNone));
        Assert.InRange(OutputNoise.Decibels(graph, built, samples, 4), 25, double.MaxValue);
    }

    [Fact]
    public void PixelsAreMetExactly()
    {
        var b = new GraphBuilder("picture");
        Value x = b.Input("x", new TensorType(DataType.F32, 1, 4, 4, 3));
        b.Output("y", b.Add1("conv", new Conv { Window = Window.Of([1, 1]) }, x, b.Constant("w", Weights(1, 4, 1, 1, 3))));
        Graph graph = b.Build();
        var metadata = new ModelMetadata { Image = new ImageInput { Input = "x", Scale = [1 / 128f, 1 / 128f, 1 / 128f], Offset = [-127 / 128f, -127 / 128f, -127 / 128f] } };
        ValueRange range = RangeChoice.Choose(new QuantizationPlan(graph, new HashSet<Node>()), Statistics(graph), metadata)[graph.Inputs[0]];
        Assert.Equal("fixed", range.Method);
        for (int pixel = 0; pixel < 256; pixel++) Assert.Equal(pixel, Requantize.Quantize(pixel / 128f - 127 / 128f, range.Scale, range.ZeroPoint, 0, 255));
    }

    [Fact]
    public void JoinedValuesShareTheRangeOfWhatTheyAreJoinedInto()
    {
        var b = new GraphBuilder("joined");
        Value x = b.Input("x", new TensorType(DataType.F32, 1, 4, 4, 8));
        Value left = b.Add1("left", new Conv { Window = Window.Of([1, 1]) }, x, b.Constant("w1", Weights(1, 8, 1, 1, 8)));
        Value right = b.Add1("right", new Conv { Window = Window.Of([1, 1]) }, x, b.Constant("w2", Weights(2, 8, 1, 1, 8)));
        Value both = b.Add1("both", new Concat { Axis = -1 }, left, right);
        b.Output("y", b.Add1("last", new Conv { Window = Window.Of([1, 1]) }, both, b.Constant("w3", Weights(3, 8, 1, 1, 16))));
        Graph graph = b.Build();
        Dictionary<Value, ValueRange> ranges = RangeChoice.Choose(new QuantizationPlan(graph, new HashSet<Node>()), Statistics(graph), new ModelMetadata());
        Assert.Equal(ranges[both], ranges[left]);
        Assert.Equal(ranges[both], ranges[right]);
        Assert.NotEqual(ranges[both], ranges[x]);
    }

    /// <summary>A product whose outputs differ a thousandfold, a depthwise one, and one whose weights make up for it.</summary>
    private static Graph DepthwiseNetwork(UnaryFunction function = UnaryFunction.Relu) => DepthwiseNetwork(new Activation(function, function == UnaryFunction.Swish ? 1 : 0.2f, 0.5f));

    private static Graph DepthwiseNetwork(Activation activation)
    {
        const int channels = 16;
        Tensor first = Weights(1, channels, 1, 1, 8), last = Weights(3, 8, 1, 1, channels);
        for (int i = 0; i < first.Span<float>().Length; i++) first.Span<float>()[i] *= MathF.Pow(1.6f, i / 8 - 8);
        for (int i = 0; i < last.Span<float>().Length; i++) last.Span<float>()[i] *= MathF.Pow(1.6f, 8 - i % channels);
        var b = new GraphBuilder("depthwise");
        Value x = b.Input("x", new TensorType(DataType.F32, 1, 9, 7, 8));
        Value wide = b.Add1("wide", new Conv { Window = Window.Of([1, 1]), Activation = activation }, x, b.Constant("w1", first), b.Constant("b1", new Tensor(new TensorType(DataType.F32, channels))));
        wide.Name = "wide";
        Value deep = b.Add1("deep", new Conv { Window = Window.Of([3, 3]), Groups = channels }, wide, b.Constant("w2", Weights(2, channels, 3, 3, 1)));
        b.Output("y", b.Add1("narrow", new Conv { Window = Window.Of([1, 1]) }, deep, b.Constant("w3", last)));
        return b.Build();
    }

    /// <summary>Two convolutions, between which channels lie around −20, −18 … 20; what reads them takes away what their places add up to.</summary>
    private static Graph ShiftedNetwork(bool pads = false, UnaryFunction function = UnaryFunction.Identity)
    {
        const int channels = 21;
        var places = new Tensor(new TensorType(DataType.F32, channels));
        for (int c = 0; c < channels; c++) places.Span<float>()[c] = 2 * (c - channels / 2);
        Tensor last = Weights(7, 8, pads ? 3 : 1, pads ? 3 : 1, channels), against = new(new TensorType(DataType.F32, 8));
        for (int i = 0; i < last.Span<float>().Length; i++) against.Span<float>()[i / (last.Span<float>().Length / 8)] -= last.Span<float>()[i] * places.Span<float>()[i % channels];
        var b = new GraphBuilder("shifted");
        Value x = b.Input("x", new TensorType(DataType.F32, 1, 9, 7, 8));
        Activation activation = function == UnaryFunction.Identity ? default : new Activation(function, 0, 0);
        Value made = b.Add1("made", new Conv { Window = Window.Of([1, 1]), Activation = activation }, x, b.Constant("w1", Weights(6, channels, 1, 1, 8)), b.Constant("b1", places));
        made.Name = "made";
        Window window = pads ? Window.Of([3, 3]) : Window.Of([1, 1]);
        if (pads) window.Pads = [1, 1, 1, 1];
        b.Output("y", b.Add1("read", new Conv { Window = window }, made, b.Constant("w2", last), b.Constant("b2", against)));
        return b.Build();
    }

    private static IReadOnlyDictionary<Value, ValueStatistics> Statistics(Graph graph)
    {
        var plan = new QuantizationPlan(graph, new HashSet<Node>());
        return Calibration.Run(graph, plan.Quantized, new MadeSamples(graph, 8));
    }

    private static float Spread(IReadOnlyDictionary<Value, ValueStatistics> statistics, string name)
    {
        float[] channels = statistics.First(s => s.Key.Name == name).Value.Channels;
        return channels.Max() / channels.Where(c => c > 0).Min();
    }

    private static Tensor Weights(int seed, params int[] shape)
    {
        var random = new Random(seed);
        var tensor = new Tensor(new TensorType(DataType.F32, shape));
        foreach (ref float x in tensor.Span<float>()) x = random.NextSingle() - 0.5f;
        return tensor;
    }

    /// <summary>Samples of which one holds what is no number.</summary>
    private sealed class Poisoned(SampleSet samples) : SampleSet
    {
        public override int Count => samples.Count;

        public override string Description => samples.Description;

        public override string NameOf(int index) => samples.NameOf(index);

        public override Tensor[] Inputs(int index)
        {
            Tensor[] inputs = samples.Inputs(index);
            if (index == 1) inputs[0].Span<float>()[5] = float.NaN;
            return inputs;
        }
    }
}
