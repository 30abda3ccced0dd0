using System.Collections.Frozen;

namespace EdgeRuntime.Operators;

/// <summary>Every operator, one line each: files, tools, tables and tests all find them here.</summary>
public static class OperatorCatalog
{
    private static readonly Func<Operator>[] Factories =
    [
        // Convolution, pooling, products
        () => new Attention(),
        () => new Conv(),
        () => new ConvTranspose(),
        () => new DeformConv(),
        () => new Einsum(),
        () => new Inverse(),
        () => new MatMul(),
        () => new MaxUnpool(),
        () => new Pool(),

        // Element-wise
        () => new Binary(),
        () => new Cast(),
        () => new Unary(),

        // Normalisation and reduction
        () => new ArgMax(),
        () => new CumSum(),
        () => new Determinant(),
        () => new GroupNorm(),
        () => new Hardmax(),
        () => new Lrn(),
        () => new Normalize(),
        () => new Reduce(),
        () => new Softmax(),

        // Shapes and movement
        () => new ChannelShuffle(),
        () => new Col2Im(),
        () => new Concat(),
        () => new DepthSpace(),
        () => new Expand(),
        () => new EyeLike(),
        () => new Flatten(),
        () => new Pad(),
        () => new Range(),
        () => new Reshape(),
        () => new Resize(),
        () => new ReverseSequence(),
        () => new ShapeOf(),
        () => new Slice(),
        () => new Split(),
        () => new Squeeze(),
        () => new Tile(),
        () => new Transpose(),
        () => new Trilu(),
        () => new Unsqueeze(),

        // Indexing
        () => new CacheUpdate(),
        () => new Compress(),
        () => new Gather(),
        () => new GatherElements(),
        () => new GatherND(),
        () => new NonZero(),
        () => new OneHot(),
        () => new ScatterElements(),
        () => new ScatterND(),
        () => new TopK(),
        () => new Unique(),
        () => new Where(),

        // Pictures
        () => new ImageToTensor(),

        // Recurrent and sequence
        () => new RecurrentLayer(),

        // Signal
        () => new Dft(),
        () => new MelWeights(),
        () => new SignalWindow(),
        () => new Stft(),

        // Quantization
        () => new ConvInteger(),
        () => new Dequantize(),
        () => new DynamicQuantize(),
        () => new Interpret(),
        () => new MatMulBlocks(),
        () => new MatMulInteger(),
        () => new Quantize(),

        // Control flow
        () => new If(),
        () => new Loop(),
        () => new Scan(),

        // Detection
        () => new AffineGrid(),
        () => new GridSample(),
        () => new MaxRoiPool(),
        () => new NonMaxSuppression(),
        () => new RoiAlign(),

        // Sequences
        () => new SequenceAt(),
        () => new SequenceConcat(),
        () => new SequenceConstruct(),
        () => new SequenceErase(),
        () => new SequenceInsert(),
        () => new SequenceLength(),
        () => new SequenceSplit(),

        // Classical learning
        () => new KeyMap(),
        () => new TreeEnsemble(),

        // Texts
        () => new NGramCount(),
        () => new RegexMatch(),
        () => new StringConcat(),
        () => new StringNormalize(),
        () => new StringSplit(),

        // Random numbers
        () => new RandomValues(),

        // Losses
        () => new NegativeLogLikelihood(),
    ];

    private static readonly FrozenDictionary<string, Func<Operator>> ByName =
        Factories.ToFrozenDictionary(factory => factory().Name, StringComparer.Ordinal);

    /// <summary>The names of all operators.</summary>
    public static IEnumerable<string> Names => ByName.Keys.Order(StringComparer.Ordinal);

    /// <summary>A new operator with default attributes, or null when there is none of that name.</summary>
    public static Operator? Create(string name) => ByName.TryGetValue(name, out Func<Operator>? factory) ? factory() : null;
}
