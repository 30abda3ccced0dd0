using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tests.Conformance;

/// <summary>
/// Cases of operators that move elements, for kernels that move fours, blocks, words or what tables name: sizes that are whole in them, and that are not.
/// </summary>
internal static class MovementCases
{
    public static IEnumerable<OperatorCase> All => Transposes().Concat(Copies()).Concat(Borders()).Concat(Resizes()).Concat(Indices()).Concat(Elements()).Concat(Reversals()).Concat(Casts()).Concat(Quotients());

    private static IEnumerable<OperatorCase> Transposes()
    {
        (int[] Shape, int[] Permutation)[] cases =
        [
            ([2, 5, 3, 8], [0, 2, 1, 3]), ([3, 4, 5, 12], [1, 2, 0, 3]), ([7, 9, 4], [1, 0, 2]),
            ([36, 20], [1, 0]), ([2, 8, 12], [0, 2, 1]), ([3, 8, 5, 12], [0, 3, 2, 1]), ([4, 3, 8, 16], [2, 1, 3, 0]), ([256, 512], [1, 0]),
            ([1, 3, 8, 6], [0, 2, 3, 1]), ([5, 2, 12], [0, 2, 1]), ([2, 3, 3, 4], [0, 2, 3, 1]), ([1, 3, 128, 96], [0, 2, 3, 1]), ([3, 5, 8], [2, 1, 0]), ([1, 2, 24, 484], [0, 2, 1, 3]),
            ([1, 8, 6, 3], [0, 3, 1, 2]), ([5, 12, 2], [0, 2, 1]), ([20, 20, 58, 2], [0, 1, 3, 2]), ([20, 20, 2, 58], [0, 1, 3, 2]), ([4, 3, 64, 3], [3, 0, 1, 2]),
            ([1, 24, 7, 5], [0, 2, 3, 1]), ([8, 5, 3], [0, 2, 1]), ([3, 85, 4], [0, 2, 1]), ([1, 11, 11, 96], [0, 3, 1, 2]), ([1, 5, 3, 7], [0, 2, 3, 1]), ([1, 58, 2, 10, 10], [0, 2, 1, 3, 4]),
            ([1, 50, 116, 2], [0, 1, 3, 2]), ([2, 33, 41], [0, 2, 1]), ([2, 17, 19, 35], [0, 3, 2, 1]), ([37, 21, 3], [0, 2, 1]),
            ([2, 3, 2, 3, 2, 3, 2, 4], [7, 5, 3, 1, 0, 2, 4, 6]), ([4, 3, 2, 3, 2, 1, 2, 3], [6, 7, 2, 1, 3, 5, 4, 0]),
        ];
        foreach ((int[] shape, int[] permutation) in cases)
            foreach (DataType type in (DataType[])[DataType.F32, DataType.I32])
                yield return new OperatorCase($"move transpose {string.Join('x', shape)} {string.Join("", permutation)} {type}", new Transpose { Permutation = permutation }, [Of(type, shape)]);
        foreach (int pixels in (int[])[15, 16, 53]) yield return new OperatorCase($"move transpose {pixels} pixels of bytes", new Transpose { Permutation = [0, 2, 1] }, [Of(DataType.U8, 2, 3, pixels)]);
        yield return new OperatorCase("move transpose words of bytes", new Transpose { Permutation = [1, 0, 2] }, [Of(DataType.U8, 3, 5, 8)]);
        yield return new OperatorCase("move transpose words of halves", new Transpose { Permutation = [1, 0, 2] }, [Of(DataType.F16, 3, 5, 6)]);
        yield return new OperatorCase("move transpose F64", new Transpose { Permutation = [2, 0, 1] }, [Of(DataType.F64, 3, 5, 6)]);
    }

    private static IEnumerable<OperatorCase> Copies()
    {
        foreach (DataType type in (DataType[])[DataType.F32, DataType.I32, DataType.I64])
        {
            yield return new OperatorCase($"move slice channels {type}", new Slice { Starts = [4], Ends = [12], Axes = [3] }, [Of(type, 2, 5, 7, 16)]);
            yield return new OperatorCase($"move slice odd {type}", new Slice { Starts = [1], Ends = [long.MaxValue], Axes = [3], Steps = [2] }, [Of(type, 1, 9, 11, 24)]);
            yield return new OperatorCase($"move slice even backwards {type}", new Slice { Starts = [-2], Ends = [long.MinValue], Axes = [3], Steps = [-2] }, [Of(type, 1, 9, 11, 24)]);
            yield return new OperatorCase($"move concat ones {type}", new Concat { Axis = 1 }, [Of(type, 130, 1), Of(type, 130, 1), Of(type, 130, 2)]);
            yield return new OperatorCase($"move slice even {type}", new Slice { Starts = [0], Ends = [long.MaxValue], Axes = [3], Steps = [2] }, [Of(type, 1, 3, 8, 16)]);
            yield return new OperatorCase($"move slice rows backwards {type}", new Slice { Starts = [-1], Ends = [long.MinValue], Axes = [0], Steps = [-1] }, [Of(type, 9, 8)]);
            yield return new OperatorCase($"move slice backwards {type}", new Slice { Starts = [-1], Ends = [long.MinValue], Axes = [1], Steps = [-1] }, [Of(type, 9, 8)]);
            yield return new OperatorCase($"move slice pairs {type}", new Slice { Starts = [2], Ends = [4], Axes = [2] }, [Of(type, 1, 70, 4)]);
            yield return new OperatorCase($"move slice odd place {type}", new Slice { Starts = [3], Ends = [11], Axes = [1] }, [Of(type, 9, 13)]);
            yield return new OperatorCase($"move concat fours {type}", new Concat { Axis = 3 }, [Of(type, 1, 5, 7, 8), Of(type, 1, 5, 7, 4), Of(type, 1, 5, 7, 16)]);
            yield return new OperatorCase($"move concat fours after one {type}", new Concat { Axis = -1 }, [Of(type, 6, 1), Of(type, 6, 4), Of(type, 6, 80)]);
            yield return new OperatorCase($"move concat many {type}", new Concat { Axis = 0 }, [.. Enumerable.Range(1, 19).Select(n => Of(type, n, 4))]);
            yield return new OperatorCase($"move split fours {type}", new Split { Axis = 2, Parts = 2, Sizes = [80, 32] }, [Of(type, 5, 4, 112)]);
            yield return new OperatorCase($"move split ones {type}", new Split { Axis = 0, Parts = 1 }, [Of(type, 1, 128)]);
            yield return new OperatorCase($"move expand fours {type}", new Expand { Target = [3, 5, 8] }, [Of(type, 3, 1, 8)]);
            yield return new OperatorCase($"move expand to fours {type}", new Expand { Target = [3, 5, 8] }, [Of(type, 3, 5, 1)]);
            yield return new OperatorCase($"move tile {type}", new Tile { Repeats = [2, 3, 1] }, [Of(type, 3, 2, 5)]);
            yield return new OperatorCase($"move tile channels {type}", new Tile { Repeats = [1, 3] }, [Of(type, 5, 8)]);
            yield return new OperatorCase($"move tile every axis {type}", new Tile { Repeats = [2, 3, 2, 3] }, [Of(type, 3, 1, 7, 5)]);
            yield return new OperatorCase($"move tile once {type}", new Tile { Repeats = [1, 1] }, [Of(type, 3, 7)]);
            yield return new OperatorCase($"move tile large {type}", new Tile { Repeats = [1, 300, 1] }, [Of(type, 2, 1, 131)]);
        }
        foreach (int half in (int[])[4, 24, 58, 116])
            foreach (int groups in (int[])[2, half])
                for (int parts = 1; parts <= 2; parts++)
                    yield return new OperatorCase($"move shuffled {half} by {groups} in {parts}", new ChannelShuffle { Groups = groups, Parts = parts }, [Of(DataType.F32, 1, 9, 11, half), Of(DataType.F32, 1, 9, 11, half)]);
        yield return new OperatorCase("move shuffled thirds", new ChannelShuffle { Groups = 3, Parts = 3 }, [Of(DataType.F32, 5, 4), Of(DataType.F32, 5, 2)], Evaluated: true);
        foreach (int half in (int[])[4, 34, 58, 96])
            foreach (int groups in (int[])[2, half])
                foreach (int parts in (int[])[1, 2])
                    yield return new OperatorCase($"move shuffled bytes {half} by {groups} in {parts}", new ChannelShuffle { Groups = groups, Parts = parts }, [Of(DataType.U8, 1, 3, 11, half), Of(DataType.U8, 1, 3, 11, half)]);
        foreach (DataType type in (DataType[])[DataType.U8, DataType.F16])
            yield return new OperatorCase($"move tile {type}", new Tile { Repeats = [2, 1, 2] }, [Of(type, 2, 3, 5)]);
        yield return new OperatorCase("move tile axes beyond the most", new Tile { Repeats = [2, 2, 2, 2, 2] }, [Of(DataType.F32, 2, 2, 2, 2, 2)], Evaluated: true);
        yield return new OperatorCase("move tile nothing", new Tile { Repeats = [2, 0] }, [Of(DataType.F32, 2, 3)], Evaluated: true);
        yield return new OperatorCase("move concat bytes", new Concat { Axis = 1 }, [Of(DataType.U8, 3, 8), Of(DataType.U8, 3, 4)]);
        yield return new OperatorCase("move concat large", new Concat { Axis = 3 }, [Of(DataType.F32, 1, 52, 52, 64), Of(DataType.F32, 1, 52, 52, 64)]);
        yield return new OperatorCase("move slice nothing", new Slice { Starts = [3], Ends = [3], Axes = [1] }, [Of(DataType.F32, 4, 8)], Evaluated: true);
        foreach (DepthSpaceFunction function in Enum.GetValues<DepthSpaceFunction>())
            foreach ((int block, int channels) in ((int, int)[])[(2, 12), (2, 16), (3, 9)])
                yield return new OperatorCase($"move {function} {block} {channels}", new DepthSpace { Function = function, Block = block }, [Of(DataType.F32, 2, 6, 6, channels)]);
    }

    private static IEnumerable<OperatorCase> Borders()
    {
        foreach (DataType type in (DataType[])[DataType.U8, DataType.F32])
            foreach ((int channels, int more) in ((int, int)[])[(3, 1), (8, 5), (24, 4), (37, 40)])
                yield return new OperatorCase($"move wider {type} {channels} by {more}", new Pad { Pads = [0, 0, 0, 0, 0, more], Value = 7 }, [Of(type, 5, 7, channels)]);
        foreach (PadMode mode in Enum.GetValues<PadMode>())
        {
            foreach (DataType type in (DataType[])[DataType.F32, DataType.I32, DataType.I64])
                yield return new OperatorCase($"move pad {mode} {type}", new Pad { Mode = mode, Pads = [0, 1, 2, 0, 0, 2, 1, 0], Value = -7 }, [Of(type, 2, 5, 7, 8)]);
            yield return new OperatorCase($"move pad {mode} rank 6", new Pad { Mode = mode, Pads = [1, 0, 1, 0, 1, 0, 0, 1, 0, 1, 0, 1], Value = 0.5f }, [Of(DataType.F32, 2, 3, 2, 3, 2, 3)]);
        }
        yield return new OperatorCase("move trilu upper", new Trilu { Diagonal = 1 }, [Of(DataType.F32, 2, 5, 7)], Evaluated: true);
        yield return new OperatorCase("move trilu lower", new Trilu { Upper = false, Diagonal = -1 }, [Of(DataType.I64, 2, 7, 5)], Evaluated: true);
    }

    private static IEnumerable<OperatorCase> Resizes()
    {
        foreach (ResizeCoordinates coordinates in Enum.GetValues<ResizeCoordinates>())
            foreach (Interpolation interpolation in Enum.GetValues<Interpolation>())
            {
                if (coordinates == ResizeCoordinates.CropAndResize) continue;
                yield return new OperatorCase($"move resize {interpolation} {coordinates} up", new Resize { Interpolation = interpolation, Coordinates = coordinates, Scales = [1, 2, 2, 1] }, [Of(DataType.F32, 2, 5, 7, 16)]);
                yield return new OperatorCase($"move resize {interpolation} {coordinates} down", new Resize { Interpolation = interpolation, Coordinates = coordinates, Scales = [1, 0.5f, 0.6f, 1] }, [Of(DataType.F32, 1, 8, 11, 12)]);
            }
        foreach (Interpolation interpolation in (Interpolation[])[Interpolation.Linear, Interpolation.Cubic])
        {
            yield return new OperatorCase($"move resize {interpolation} three axes", new Resize { Interpolation = interpolation, Scales = [2, 1.5f, 0.5f] }, [Of(DataType.F32, 3, 4, 8)], Evaluated: true);
            yield return new OperatorCase($"move resize {interpolation} axes apart", new Resize { Interpolation = interpolation, Scales = [2, 1, 1.5f, 1] }, [Of(DataType.F32, 3, 5, 4, 4)], Evaluated: true);
            yield return new OperatorCase($"move resize {interpolation} without outside", new Resize { Interpolation = interpolation, Scales = [1, 2, 2, 1], ExcludeOutside = true, AntiAlias = true }, [Of(DataType.F32, 1, 4, 6, 8)]);
            yield return new OperatorCase($"move resize {interpolation} crop",
                new Resize { Interpolation = interpolation, Coordinates = ResizeCoordinates.CropAndResize, Sizes = [1, 5, 6, 4], Extrapolation = 9 },
                [Of(DataType.F32, 1, 4, 6, 4), new(new TensorType(DataType.F32, 8), Constant: true, Scale: 1.5f)], Evaluated: true);
        }
        yield return new OperatorCase("move resize nearest integers", new Resize { Scales = [2, 1.5f] }, [Of(DataType.I32, 3, 4)], Evaluated: true);
    }

    private static IEnumerable<OperatorCase> Indices()
    {
        foreach (DataType type in (DataType[])[DataType.F32, DataType.I32, DataType.I64])
            for (int axis = 0; axis < 3; axis++)
                foreach (bool known in (bool[])[true, false])
                {
                    string how = $"{type} axis {axis}{(known ? "" : " computed")}";
                    yield return new OperatorCase($"move gather {how}", new Gather { Axis = axis }, [Of(type, 5, 6, 8), Places(known, [2, 3], 4, 0, -1, 2, 2, -5)]);
                    yield return new OperatorCase($"move gather one {how}", new Gather { Axis = axis }, [Of(type, 5, 6, 8), Places(known, [], -2)]);
                }
        foreach (DataType type in (DataType[])[DataType.F32, DataType.I32])
        {
            yield return new OperatorCase($"move gather elements {type}", new GatherElements { Axis = 1 }, [Of(type, 4, 5, 3), Places(false, [2, 4, 2], [.. Enumerable.Range(0, 16).Select(i => (long)(i * 7 % 10 - 5))])]);
            yield return new OperatorCase($"move gather nd {type}", new GatherND(), [Of(type, 4, 5, 8), Places(true, [3, 2], 1, 2, -1, 0, 3, -5)]);
            yield return new OperatorCase($"move gather nd batch {type}", new GatherND { BatchAxes = 1 }, [Of(type, 2, 5, 3), Places(true, [2, 3, 1], 1, 2, -1, 0, 3, -5)]);
            yield return new OperatorCase($"move scatter nd {type}", new ScatterND(), [Of(type, 4, 5, 3), Places(true, [3, 2], 1, 2, -1, 0, 1, 2), Of(type, 3, 3)]);
            yield return new OperatorCase($"move scatter nd every other {type}", new ScatterND(), [Of(type, 1, 8, 5), Places(true, [1, 4, 5, 3], [.. Enumerable.Range(0, 20).SelectMany(i => (long[])[0, i / 5 * 2 + 1, i % 5])]), Of(type, 1, 4, 5)]);
            yield return new OperatorCase($"move gather nd rows that follow {type}", new GatherND(), [Of(type, 4, 5, 8), Places(true, [4, 2], 1, 2, 1, 3, 1, 4, 0, 0)]);
            yield return new OperatorCase($"move scatter nd whole {type}", new ScatterND(), [Of(type, 4, 5), Places(true, [2, 1], 3, 1), Of(type, 2, 5)]);
        }
    }

    /// <summary>Single elements at places: every axis, indices of both ends, less of them than there are elements, several for one place, and more than a tile.</summary>
    private static IEnumerable<OperatorCase> Elements()
    {
        int[][] shapes = [[5], [4, 5, 3], [4, 5, 1], [2, 97, 103]];
        foreach (int[] shape in shapes)
            for (int axis = 0; axis < shape.Length; axis++)
                foreach (DataType type in (DataType[])[DataType.F32, DataType.I32, DataType.I64, DataType.U8, DataType.F16])
                {
                    string how = $"{type} {new Shape(shape)} axis {axis}";
                    int[] some = [.. shape.Select((size, i) => i == axis ? size + 2 : Math.Max(1, size - 1))];
                    CaseInput places = Places(false, some, [.. Enumerable.Range(0, some.Aggregate(1, (a, b) => a * b)).Select(i => (long)(i * 7 % (2 * shape[axis]) - shape[axis]))]);
                    yield return new OperatorCase($"elements gather {how}", new GatherElements { Axis = axis }, [Of(type, shape), places]);
                    foreach (ScatterReduction reduction in Enum.GetValues<ScatterReduction>())
                        if (reduction == ScatterReduction.Replace || type is DataType.F32 or DataType.I32 or DataType.I64)
                            yield return new OperatorCase($"elements scatter {reduction} {how}", new ScatterElements { Axis = axis - shape.Length, Reduction = reduction }, [Of(type, shape), places, Of(type, some)]);
                }
        foreach (ScatterReduction reduction in Enum.GetValues<ScatterReduction>())
            yield return new OperatorCase($"elements scatter {reduction} special", new ScatterElements { Reduction = reduction },
                [Of(DataType.F32, 40) with { Sprinkled = [float.NaN, float.NegativeInfinity, -0f] }, Places(false, [40], [.. Enumerable.Range(0, 40).Select(i => (long)(i / 2))]), Of(DataType.F32, 40) with { Sprinkled = [float.NaN, float.PositiveInfinity, 0f] }]);
        yield return new OperatorCase("elements gather narrow indices", new GatherElements { Axis = 1 }, [Of(DataType.F32, 4, 100), Of(DataType.I32, 3, 7)]);
        yield return new OperatorCase("elements scatter Add U8", new ScatterElements { Reduction = ScatterReduction.Add }, [Of(DataType.U8, 4), Places(false, [2], 1, 1), Of(DataType.U8, 2)], Evaluated: true);
    }

    /// <summary>Rows in reverse order: either axis first, others before, between and behind.</summary>
    private static IEnumerable<OperatorCase> Reversals()
    {
        foreach (DataType type in (DataType[])[DataType.F32, DataType.I64, DataType.U8])
            foreach ((int batch, int time, long[] lengths) in ((int, int, long[])[])[(1, 0, [0, 3, 1]), (0, 1, [2, 1, 3, 0, 1]), (1, 3, [7, 1, 4]), (2, 1, [1, 2, 3, 0]), (-1, 0, [5, 4, 3, 2, 1, 0, 5])])
                yield return new OperatorCase($"reverse {type} {batch} {time}", new ReverseSequence { BatchAxis = batch, TimeAxis = time }, [Of(type, 5, 3, 4, 7), Places(false, [lengths.Length], lengths)]);
        yield return new OperatorCase("reverse large", new ReverseSequence(), [Of(DataType.F32, 61, 3, 1031), Places(true, [3], 61, 0, 60)]);
    }

    /// <summary>Each number type to each other; floats beyond every integer and those that are no number, to what both hold and to what saturates.</summary>
    private static IEnumerable<OperatorCase> Casts()
    {
        DataType[] types = [DataType.F32, DataType.F16, DataType.F64, DataType.I8, DataType.U8, DataType.I16, DataType.U16, DataType.I32, DataType.U32, DataType.I64, DataType.U64, DataType.Bool];
        foreach (DataType to in types)
        {
            foreach (DataType from in types) yield return new OperatorCase($"cast {from} to {to}", new Cast { To = to }, [Of(from, 7, 43)]);
            foreach (float scale in (float[])[0.9f, 400, 1e5f, 4e9f, 1e20f])
                yield return new OperatorCase($"cast floats within {scale} to {to}", new Cast { To = to },
                    [Of(DataType.F32, 301) with { Scale = scale, Sprinkled = [float.NaN, float.PositiveInfinity, float.NegativeInfinity, -0f, 0.5f, -1.5f] }]);
            yield return new OperatorCase($"cast large integers to {to}", new Cast { To = to },
                [Places(false, [9], long.MinValue, long.MaxValue, int.MinValue, int.MaxValue, uint.MaxValue, 0, -1, 300, (1L << 24) + 1)]);
        }
        foreach (DataType from in (DataType[])[DataType.U8, DataType.Bool, DataType.I32, DataType.I64])
            yield return new OperatorCase($"cast many {from}", new Cast(), [Of(from, 3, 20011)]);
        yield return new OperatorCase("cast short floats", new Cast { To = DataType.BF16 }, [Of(DataType.F32, 3, 5)], Evaluated: true);
    }

    /// <summary>Quotients and remainders of integers of both signs, by zero and by minus one too.</summary>
    private static IEnumerable<OperatorCase> Quotients()
    {
        long[] some = [7, -7, 0, 1, -1, long.MinValue, long.MaxValue, 12], others = [3, -3, 0, -1];
        foreach (BinaryFunction function in (BinaryFunction[])[BinaryFunction.Div, BinaryFunction.Mod, BinaryFunction.FMod])
        {
            yield return new OperatorCase($"{function} I64", new Binary { Function = function }, [Places(false, [8, 1], some), Places(false, [4], others)]);
            yield return new OperatorCase($"{function} I32", new Binary { Function = function }, [Of(DataType.I32, 3, 100), Of(DataType.I32, 100)]);
            yield return new OperatorCase($"{function} I32 by one number", new Binary { Function = function }, [Of(DataType.I32, 3, 100), Of(DataType.I32)]);
        }
    }

    private static CaseInput Of(DataType type, params int[] shape) => new(new TensorType(type, shape));

    private static CaseInput Places(bool known, int[] shape, params long[] values) => new(new TensorType(DataType.I64, shape), Constant: known, Values: values);
}
