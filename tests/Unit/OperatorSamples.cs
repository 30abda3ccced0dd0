using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tests.Unit;

/// <summary>At least one sample of each operator; those whose shape depends on values have several.</summary>
internal static class OperatorSamples
{
    public static readonly OperatorSample[] All =
    [
        // Convolution, pooling, products
        new(new Conv { Window = Window.Of(3, 3) }, F(2, 7, 5, 4), F(6, 3, 3, 4), F(6), F(2, 5, 3, 6)),
        new(new Conv { Window = Window.Of(3, 3), Groups = 4 }, F(1, 5, 5, 4), F(4, 3, 3, 1)),
        new(new ConvTranspose { Window = Window.Of(2, 2), OutputPadding = [0, 0] }, F(2, 3, 4, 5), F(6, 2, 2, 5), F(6)),
        new(new Einsum { Equation = "bij,bjk->bik" }, F(2, 3, 4), F(2, 4, 5)),
        new(new Attention { Causal = true, QueryByLength = true }, F(2, 3, 4, 5), F(2, 2, 7, 5), F(2, 2, 7, 3)),
        new(new Attention { Scale = 0.5f, ResultByLength = true }, F(1, 2, 3, 5), F(1, 2, 4, 5), F(1, 2, 4, 3), F(3, 4)),
        new(new MatMul(), F(2, 3, 4), F(4, 5), F(5)),
        new(new MatMul { TransposeA = true, TransposeB = true }, F(4, 3), F(5, 4)),
        new(new MaxUnpool { Window = Window.Of(2) }, F(1, 1, 3), I(new Shape(1, 1, 3), 0, 1, 2)),
        new(new MaxUnpool { Window = Window.Of(2) }, F(1, 1, 3), I(new Shape(1, 1, 3), 0, 1, 2), I(1, 1, 5)),
        new(new Pool { Window = Window.Of(2, 2) }, F(2, 5, 6, 3)),
        new(new Pool { Window = Window.Of(2), WithIndices = true }, F(2, 5, 3)),

        new(new Col2Im { Strides = [2, 1] }, F(1, 12, 8), I(5, 5), I(2, 2)),
        new(new DeformConv { Window = Window.Of(2, 2), OffsetGroups = 2 }, F(1, 4, 5, 4), F(3, 4, 2, 2), F(1, 16, 4, 3), F(3), F(1, 8, 4, 3)),
        new(new Inverse(), F(2, 3, 3)),

        // Element-wise
        new(new Binary { Function = BinaryFunction.Add }, F(2, 1, 4), F(3, 1)),
        new(new Binary { Function = BinaryFunction.Less }, F(2, 3), F(3)),
        new(new Cast { To = DataType.I64 }, F(2, 3)),
        new(new Unary { Function = UnaryFunction.Tanh }, F(2, 3)),

        // Normalisation and reduction
        new(new ArgMax { Axis = 1 }, F(2, 3, 4)),
        new(new ArgMax { Axis = -1, KeepDims = false }, F(2, 3)),
        new(new CumSum(), F(2, 3), Tensor.Scalar(1L)),
        new(new Determinant(), F(2, 3, 3)),
        new(new GroupNorm { Groups = 2 }, F(2, 3, 4)),
        new(new Hardmax(), F(2, 3)),
        new(new Lrn { Size = 3 }, F(1, 3, 3, 4)),
        new(new Normalize { Axes = [-1] }, F(2, 3)),
        new(new Reduce { Function = ReduceFunction.Mean, Axes = [1] }, F(2, 3, 4)),
        new(new Reduce { Function = ReduceFunction.Max, KeepDims = false }, F(2, 3, 4)),
        new(new Reduce { Function = ReduceFunction.Sum, KeepDims = false }, F(2, 3, 4), I(0, 2)),
        new(new Softmax(), F(2, 3)),

        // Shapes and movement
        new(new ChannelShuffle { Groups = 2, Parts = 2 }, F(2, 3, 4), F(2, 3, 4)),
        new(new Concat { Axis = 1 }, F(2, 3, 4), F(2, 1, 4), F(2, 5, 4)),
        new(new DepthSpace { Block = 2 }, F(1, 2, 3, 8)),
        new(new DepthSpace { Block = 2, Function = DepthSpaceFunction.SpaceToDepth }, F(1, 2, 4, 3)),
        new(new Expand { Target = [2, 1, 4] }, F(3, 1)),
        new(new Expand(), F(3, 1), I(2, 1, 4)),
        new(new EyeLike(), F(2, 3)),
        new(new Flatten { Axis = 2 }, F(2, 3, 4)),
        new(new Flatten { Axis = 0 }, F(2, 3, 4)),
        new(new Pad { Pads = [1, 0, 2, -1] }, F(2, 3)),
        new(new Pad { Mode = PadMode.Reflect }, F(2, 5), I(2, 1), null, I(1)),
        new(new Pad { Mode = PadMode.Wrap }, F(2, 3), I(0, 4, 0, 5)),
        new(new EdgeRuntime.Operators.Range(), Tensor.Scalar(3L), Tensor.Scalar(10L), Tensor.Scalar(2L)),
        new(new EdgeRuntime.Operators.Range(), Tensor.Scalar(1f), Tensor.Scalar(0f), Tensor.Scalar(-0.3f)),
        new(new Reshape { Target = [0, -1] }, F(2, 3, 4)),
        new(new Reshape(), F(2, 3, 4), I(4, -1, 1)),
        new(new Resize { Scales = [1, 2, 0.5f, 1] }, F(1, 3, 4, 2)),
        new(new Resize { Sizes = [6, 5], Axes = [1, 2], Interpolation = Interpolation.Linear }, F(1, 3, 4, 2)),
        new(new Resize { Sizes = [6, 5], Axes = [1, 2], AspectRatio = AspectRatio.NotLarger }, F(1, 3, 4, 2)),
        new(new Resize { Interpolation = Interpolation.Cubic }, F(3, 4), null, Tensor.Vector(2f, 0.7f)),
        new(new Resize { Coordinates = ResizeCoordinates.CropAndResize }, F(3, 4), Tensor.Vector(0f, 0.2f, 1f, 1.2f), null, I(2, 9)),
        new(new ReverseSequence(), F(4, 2, 3), I(1, 4)),
        new(new ShapeOf(), F(2, 3, 4)),
        new(new ShapeOf { Start = -2, End = 7 }, F(2, 3, 4)),
        new(new ShapeOf { Product = true }, F(2, 3, 4)),
        new(new Slice { Starts = [1], Ends = [int.MaxValue], Axes = [1], Steps = [2] }, F(2, 5)),
        new(new Slice { Starts = [0], Ends = [long.MaxValue] }, F(2, 5)),
        new(new Slice(), F(4, 5), I(-1, 1), I(-9, 3), I(0, -1), I(-2, 1)),
        new(new Slice(), F(4, 5), I(1), I(3)),
        new(new Split { Axis = 1, Parts = 3 }, F(2, 7)),
        new(new Split { Axis = 1, Parts = 2 }, F(2, 7), I(3, 4)),
        new(new Squeeze(), F(2, 1, 3, 1)),
        new(new Squeeze { Axes = [-1] }, F(2, 1, 3, 1)),
        new(new Squeeze(), F(2, 1, 3, 1), I(1, 3)),
        new(new Tile { Repeats = [2, 3] }, F(3, 1)),
        new(new Tile(), F(3, 2), I(1, 2)),
        new(new Transpose { Permutation = [2, 0, 1] }, F(2, 3, 4)),
        new(new Trilu { Upper = false }, F(2, 3, 4), Tensor.Scalar(1L)),
        new(new Unsqueeze { Axes = [0, -1] }, F(2, 3)),
        new(new Unsqueeze(), F(2, 3), I(3, 1)),

        // Indexing
        new(new CacheUpdate(), F(2, 3, 5, 4), F(2, 3, 2, 4), I(3, 0)),
        new(new CacheUpdate { Axis = 1, Circular = true }, F(2, 3, 4), F(2, 2, 4), I(2, 1)),
        new(new Compress { Axis = 1 }, F(2, 3), Tensor.Vector(true, false, true)),
        new(new Compress { Flat = true }, F(2, 3), Tensor.Vector(true, false, true, true)),
        new(new Gather { Axis = 1 }, F(2, 3, 4), I(new Shape(2, 2), 0, -1, 2, 1)),
        new(new GatherElements { Axis = 1 }, F(2, 3), I(new Shape(2, 2), 0, -1, 2, 1)),
        new(new GatherND(), F(2, 3, 4), I(new Shape(2, 2), 0, -1, 1, 1)),
        new(new GatherND { BatchAxes = 1 }, F(2, 3, 4), I(new Shape(2, 1), -1, 1)),
        new(new NonZero(), F(2, 3)),
        new(new OneHot { Axis = 1 }, I(new Shape(2, 2), 0, -1, 2, 5), Tensor.Scalar(4L), Tensor.Vector(0f, 1f)),
        new(new ScatterElements { Axis = 1 }, F(2, 3), I(new Shape(2, 2), 0, -1, 2, 1), F(2, 2)),
        new(new ScatterND { Reduction = ScatterReduction.Max }, F(4, 3), I(new Shape(2, 1), 0, -1), F(2, 3)),
        new(new TopK { K = 2 }, F(2, 3)),
        new(new TopK { Axis = 0, Largest = false }, F(4, 3), I(3)),
        new(new Unique(), I(new Shape(2, 3), 1, 2, 2, 1, 5, 2)),
        new(new Unique { Flat = false, Axis = 1, Sorted = false }, I(new Shape(2, 3), 1, 2, 1, 1, 5, 1)),
        new(new Where(), Tensor.From(new Shape(2, 1), true, false), F(3), F(1, 1, 3)),

        // Pictures
        new(new ImageToTensor { Width = 4, Height = 3, ChannelsFirst = true, Letterbox = true }, U(6, 10, 3)),
        new(new ImageToTensor { Format = PixelFormat.Rgba32, Width = 4, Height = 3, Region = [1, 1, 5, 4] }, U(6, 10, 4)),
        new(new ImageToTensor { Format = PixelFormat.Nv12, Width = 4, Height = 3 }, U(9, 10)),
        new(new ImageToTensor { Width = 4, Height = 3, Result = new(DataType.U8, 0.5f, 7) }, U(6, 10, 3)),

        // Recurrent and sequence
        new(new RecurrentLayer { Cell = RecurrentCell.Simple, Hidden = 3 }, F(4, 2, 5), F(1, 3, 5), F(1, 3, 3)),
        new(new RecurrentLayer { Cell = RecurrentCell.Gru, Hidden = 3, Direction = RecurrentDirection.Both, LinearBeforeReset = true },
            F(4, 2, 5), F(2, 9, 5), F(2, 9, 3), F(2, 18), Tensor.Vector(4, 2), F(2, 2, 3)),
        new(new RecurrentLayer { Cell = RecurrentCell.Lstm, Hidden = 3, Clip = 2 },
            F(4, 2, 5), F(1, 12, 5), F(1, 12, 3), F(1, 24), null, F(1, 2, 3), F(1, 2, 3), F(1, 9)),

        // Signal
        new(new Dft { OneSided = true }, F(2, 6, 1)),
        new(new Dft { Inverse = true }, F(2, 6, 3, 2), Tensor.Scalar(4L)),
        new(new MelWeights(), Tensor.Scalar(4L), Tensor.Scalar(32L), Tensor.Scalar(8000L), Tensor.Scalar(0f), Tensor.Scalar(4000f)),
        new(new SignalWindow(), Tensor.Scalar(7L)),
        new(new Stft(), F(2, 16, 1), Tensor.Scalar(3L), F(6)),
        new(new Stft { OneSided = false }, F(2, 16), Tensor.Scalar(4L), null, Tensor.Scalar(8L)),

        // Quantization
        new(new ConvInteger { Window = Window.Of(2, 2) }, U(1, 3, 4, 2), U(3, 2, 2, 2), Tensor.Scalar((byte)3), Tensor.Vector<byte>(1, 2, 3)),
        new(new Dequantize { Axis = 1 }, U(2, 3), F(3), U(3)),
        new(new Dequantize { Axis = 1, BlockSize = 2 }, U(2, 5, 3), F(2, 3, 3), U(2, 3, 3)),
        new(new DynamicQuantize(), F(2, 3)),
        new(new Interpret { Scale = 0.5f, ZeroPoint = 3 }, U(2, 3)),
        new(new Conv { Window = Window.Of(2, 2), Result = new(DataType.I8, 0.5f, 3) }, Quantized(U(1, 3, 4, 2)), Quantized(U(3, 2, 2, 2))),
        new(new MatMul { Result = new(DataType.U8, 0.5f, 3) }, Quantized(U(3, 4)), Quantized(U(4, 5))),
        new(new Binary { Result = new(DataType.U8, 0.5f, 3) }, Quantized(U(3, 4)), Quantized(U(4))),
        new(new Binary { Function = BinaryFunction.PRelu, Result = new(DataType.I8, 0.5f, 3) }, Quantized(U(3, 4)), U(4).WithQuantization(new Quantization([0.1f, 0.2f, 0.3f, 0.4f], [1, 2, 3, 4], 0))),
        new(new Reduce { Function = ReduceFunction.Mean, Axes = [1], Result = new(DataType.U8, 0.5f, 3) }, Quantized(U(3, 4))),
        new(new Resize { Sizes = [6, 5], Axes = [1, 2], Interpolation = Interpolation.Linear, Result = new(DataType.U8, 0.5f, 3) }, Quantized(U(1, 3, 4, 2))),
        new(new Unary { Function = UnaryFunction.Sigmoid, Result = new(DataType.U8, 0.01f, 3) }, Quantized(U(3, 4))),
        new(new Pool { Function = PoolFunction.Average, Window = Window.Of(2, 2), Result = new(DataType.U8, 0.5f, 3) }, Quantized(U(1, 3, 4, 2))),
        new(new ConvInteger { Window = Window.Of(2, 2) }, U(1, 3, 4, 2), U(3, 2, 2, 2), Tensor.Scalar((byte)3), null, F(3), F(3)),
        new(new MatMulBlocks { K = 20, N = 3, Block = 16 }, F(2, 20), U(3, 2, 8), F(6), U(3), F(3)),
        new(new MatMulInteger(), U(2, 3, 4), U(4, 5), null, null, Tensor.Scalar(0.1f), F(5)),
        new(new MatMulInteger(), U(2, 3, 4), U(4, 5), Tensor.Scalar((byte)3), U(5)),
        new(new Quantize(), F(2, 3), Tensor.Scalar(0.1f), Tensor.Scalar((sbyte)3)),

        // Control flow
        new(SmallBodies.Choice(), Tensor.Scalar(true), F(2, 3), F(2, 3)),
        new(SmallBodies.Choice(), Tensor.Scalar(false), F(2, 1), F(3)),
        new(SmallBodies.Sum(), Tensor.Scalar(3L), Tensor.Scalar(true), F(2, 3), I(1, 2)),
        new(SmallBodies.Sum(), Tensor.Scalar(0L), null, F(2, 3), I(1, 2)),
        new(SmallBodies.RunningSum(), F(3), F(4, 3), F(3)),

        // Detection
        new(new AffineGrid(), F(2, 2, 3), I(2, 3, 4, 5)),
        new(new AffineGrid { AlignCorners = true }, F(1, 3, 4), I(1, 3, 4, 5, 2)),
        new(new MaxRoiPool { Height = 2, Width = 3 }, F(2, 3, 6, 5), F(4, 5)),
        new(new GridSample(), F(1, 3, 4, 2, 5), F(1, 2, 3, 2, 3)),
        new(new GridSample(), F(2, 3, 4, 5), F(2, 6, 7, 2)),
        new(new NonMaxSuppression(), F(2, 5, 4), F(2, 3, 5), I(2), Tensor.Vector(0.5f)),
        new(new RoiAlign { Height = 2, Width = 3 }, F(2, 5, 6, 4), F(3, 4), I(0, 1, 1)),

        // Sequences
        new(new SequenceAt(), TensorSequence.Create(F(2).View, F(3).View), I(-1)),
        new(new SequenceAt { Ranked = true, Dimensions = [-1] }, TensorSequence.Create(F(2).View, F(3).View), Tensor.Scalar(0)),
        new(new SequenceConcat(), TensorSequence.Create(F(2, 3).View, F(1, 3).View)),
        new(new SequenceConcat { NewAxis = true, Axis = -1, Rank = 3 }, TensorSequence.Create(F(2, 3).View, F(2, 3).View)),
        new(new SequenceConstruct()),
        new(new SequenceConstruct(), F(2, 3), F(1)),
        new(new SequenceErase(), TensorSequence.Create(F(2).View, F(3).View)),
        new(new SequenceErase(), TensorSequence.Create(F(2).View, F(3).View), I(0)),
        new(new SequenceInsert(), TensorSequence.Create(F(2).View, F(3).View), F(1, 2)),
        new(new SequenceInsert(), TensorSequence.Create(F(2).View, F(3).View), F(1, 2), I(-2)),
        new(new SequenceLength(), TensorSequence.Create(F(2).View)),
        new(new SequenceSplit { KeepDims = false }, F(3, 2)),
        new(new SequenceSplit { Axis = 1 }, F(3, 5), Tensor.Scalar(2L)),
        new(new SequenceSplit { Axis = 1 }, F(3, 5), I(1, 4)),

        // Classical learning
        new(new KeyMap(), I(new Shape(2, 2), 5, 1, 7, 5), I(5, 7), T("five", "seven"), T("other")),
        new(new TreeEnsemble { Targets = 2 }, F(3, 2), Tensor.From(new Shape(3, 6), 1, 1, 1, 2, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 2, 0, 0), Tensor.Vector(0.5f, 0, 0), Tensor.Vector(0, 0, 1), F(3), Tensor.Vector(0)),

        // Texts
        new(new NGramCount { Longest = 2, MostSkips = 1, Starts = [0, 2], Columns = [0, 1, 2] }, I(new Shape(2, 3), 5, 6, 7, 6, 5, 6), I(5, 6, 6, 7)),
        new(new NGramCount { Weighting = NGramWeighting.Weight, Columns = [1, 0] }, T("a", "b", "a"), T("a", "c"), F(2)),
        new(new RegexMatch { Pattern = "[a-z]+" }, T("abc", "a1")),
        new(new StringConcat(), T("a", "b"), T("c")),
        new(new StringNormalize { Case = LetterCase.Upper }, T("a", "b", "ö"), T("B")),
        new(new StringSplit { Separator = ",", MostCuts = 2 }, T("a,b,c,d", "e")),
        new(new StringSplit(), T("  one two ", "")),

        // Random numbers
        new(new RandomValues { Seed = 3 }, F(2, 3)),
        new(new RandomValues { Distribution = RandomDistribution.Normal, To = DataType.F16 }, F(2, 3)),

        // Losses
        new(new NegativeLogLikelihood(), F(2, 3, 4), I(new Shape(2, 4), 0, 1, 2, 0, 1, 2, 0, 1), F(3)),
        new(new NegativeLogLikelihood { Reduction = LossReduction.None }, F(2, 3), I(2, 0)),
    ];

    /// <summary>Reals between 0 and 1.</summary>
    private static Tensor F(params ReadOnlySpan<int> dimensions)
    {
        var tensor = new Tensor(new TensorType(DataType.F32, dimensions));
        var random = new Random(7);
        foreach (ref float value in tensor.Span<float>()) value = random.NextSingle();
        return tensor;
    }

    /// <summary>Bytes.</summary>
    private static Tensor U(params ReadOnlySpan<int> dimensions)
    {
        var tensor = new Tensor(new TensorType(DataType.U8, dimensions));
        new Random(7).NextBytes(tensor.Span<byte>());
        return tensor;
    }
    private static Tensor Quantized(Tensor tensor) => tensor.WithQuantization(new Quantization(0.02f, 100));


    /// <summary>A vector of texts.</summary>
    private static Tensor T(params ReadOnlySpan<string> texts)
    {
        var tensor = new Tensor(new TensorType(DataType.Text, texts.Length));
        for (int i = 0; i < texts.Length; i++) tensor.Span<TextElement>()[i] = TextElement.From(texts[i]);
        return tensor;
    }

    /// <summary>A vector of integers.</summary>
    private static Tensor I(params ReadOnlySpan<long> values) => Tensor.Vector(values);

    private static Tensor I(Shape shape, params ReadOnlySpan<long> values) => Tensor.From(shape, values);
}
