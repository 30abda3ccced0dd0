using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tests.Conformance;

/// <summary>
/// Cases of operators that move elements, for kernels that move fours, blocks, words or what tables name: sizes that are whole in them, and that are not.
/// </summary>
internal static class MovementCases
{
    public static IEnumerable<OperatorCase> All => Transposes().Concat(Copies()).Concat(Borders()).Concat(Resizes()).Concat(Indices());

    private static IEnumerable<OperatorCase> Transposes()
    {
        (int[] Shape, int[] Permutation)[] cases =
        [
            ([2, 5, 3, 8], [0, 2, 1, 3]), ([3, 4, 5, 12], [1, 2, 0, 3]), ([7, 9, 4], [1, 0, 2]),
            ([36, 20], [1, 0]), ([2, 8, 12], [0, 2, 1]), ([3, 8, 5, 12], [0, 3, 2, 1]), ([4, 3, 8, 16], [2, 1, 3, 0]), ([256, 512], [1, 0]),
            ([1, 3, 8, 6], [0, 2, 3, 1]), ([5, 2, 12], [0, 2, 1]), ([2, 3, 3, 4], [0, 2, 3, 1]), ([1, 3, 128, 96], [0, 2, 3, 1]), ([3, 5, 8], [2, 1, 0]), ([1, 2, 24, 484], [0, 2, 1, 3]),
            ([1, 8, 6, 3], [0, 3, 1, 2]), ([5, 12, 2], [0, 2, 1]), ([20, 20, 58, 2], [0, 1, 3, 2]), ([20, 20, 2, 58], [0, 1, 3, 2]), ([4, 3, 64, 3], [3, 0, 1, 2]),
            ([1, 24, 7, 5], [0, 2, 3, 1]), ([8, 5, 3], [0, 2, 1]), ([3, 85, 4], [0, 2, 1]), ([1, 11, 11, 96], [0, 3, 1, 2]), ([1, 5, 3, 7], [0, 2, 3, 1]), ([1, 58, 2, 10, 10], [0, 2, 1, 3, 4]),
            ([2, 3, 2, 3, 2, 3, 2, 4], [7, 5, 3, 1, 0, 2, 4, 6]), ([4, 3, 2, 3, 2, 1, 2, 3], [6, 7, 2, 1, 3, 5, 4, 0]),
        ];
        foreach ((int[] shape, int[] permutation) in cases)
            foreach (DataType type in (DataType[])[DataType.F32, DataType.I32])
                yield return new OperatorCase($"move transpose {string.Join('x', shape)} {string.Join("", permutation)} {type}", new Transpose { Permutation = permutation }, [Of(type, shape)]);
        yield return new OperatorCase("move transpose words of bytes", new Transpose { Permutation = [1, 0, 2] }, [Of(DataType.U8, 3, 5, 8)]);
        yield return new OperatorCase("move transpose words of halves", new Transpose { Permutation = [1, 0, 2] }, [Of(DataType.F16, 3, 5, 6)]);
        yield return new OperatorCase("move transpose F64", new Transpose { Permutation = [2, 0, 1] }, [Of(DataType.F64, 3, 5, 6)]);
    }

    private static IEnumerable<OperatorCase> Copies()
    {
        foreach (DataType type in (DataType[])[DataType.F32, DataType.I32, DataType.I64])
        {
            yield return new OperatorCase($"move slice channels {type}", new Slice { Starts = [4], Ends = [12], Axes = [3] }, [Of(type, 2, 5, 7, 16)]);
            yield return new OperatorCase($"move slice even {type}", new Slice { Starts = [0], Ends = [long.MaxValue], Axes = [3], Steps = [2] }, [Of(type, 1, 3, 8, 16)]);
            yield return new OperatorCase($"move slice rows backwards {type}", new Slice { Starts = [-1], Ends = [long.MinValue], Axes = [0], Steps = [-1] }, [Of(type, 9, 8)]);
            yield return new OperatorCase($"move slice backwards {type}", new Slice { Starts = [-1], Ends = [long.MinValue], Axes = [1], Steps = [-1] }, [Of(type, 9, 8)]);
            yield return new OperatorCase($"move slice odd place {type}", new Slice { Starts = [3], Ends = [11], Axes = [1] }, [Of(type, 9, 13)]);
            yield return new OperatorCase($"move concat fours {type}", new Concat { Axis = 3 }, [Of(type, 1, 5, 7, 8), Of(type, 1, 5, 7, 4), Of(type, 1, 5, 7, 16)]);
            yield return new OperatorCase($"move concat fours after one {type}", new Concat { Axis = -1 }, [Of(type, 6, 1), Of(type, 6, 4), Of(type, 6, 80)]);
            yield return new OperatorCase($"move concat many {type}", new Concat { Axis = 0 }, [.. Enumerable.Range(1, 19).Select(n => Of(type, n, 4))]);
            yield return new OperatorCase($"move split fours {type}", new Split { Axis = 2, Parts = 2, Sizes = [80, 32] }, [Of(type, 5, 4, 112)]);
            yield return new OperatorCase($"move split ones {type}", new Split { Axis = 0, Parts = 1 }, [Of(type, 1, 128)]);
            yield return new OperatorCase($"move expand fours {type}", new Expand { Target = [3, 5, 8] }, [Of(type, 3, 1, 8)]);
            yield return new OperatorCase($"move expand to fours {type}", new Expand { Target = [3, 5, 8] }, [Of(type, 3, 5, 1)]);
            yield return new OperatorCase($"move tile {type}", new Tile { Repeats = [2, 3, 1] }, [Of(type, 3, 2, 5)], Evaluated: true);
            yield return new OperatorCase($"move tile channels {type}", new Tile { Repeats = [1, 3] }, [Of(type, 5, 8)], Evaluated: true);
        }
        yield return new OperatorCase("move concat bytes", new Concat { Axis = 1 }, [Of(DataType.U8, 3, 8), Of(DataType.U8, 3, 4)]);
        yield return new OperatorCase("move concat large", new Concat { Axis = 3 }, [Of(DataType.F32, 1, 52, 52, 64), Of(DataType.F32, 1, 52, 52, 64)]);
        yield return new OperatorCase("move slice nothing", new Slice { Starts = [3], Ends = [3], Axes = [1] }, [Of(DataType.F32, 4, 8)], Evaluated: true);
        foreach (DepthSpaceFunction function in Enum.GetValues<DepthSpaceFunction>())
            foreach ((int block, int channels) in ((int, int)[])[(2, 12), (2, 16), (3, 9)])
                yield return new OperatorCase($"move {function} {block} {channels}", new DepthSpace { Function = function, Block = block }, [Of(DataType.F32, 2, 6, 6, channels)]);
    }

    private static IEnumerable<OperatorCase> Borders()
    {
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
            yield return new OperatorCase($"move gather elements {type}", new GatherElements { Axis = 1 }, [Of(type, 4, 5, 3), Places(false, [2, 4, 2], [.. Enumerable.Range(0, 16).Select(i => (long)(i * 7 % 10 - 5))])], Evaluated: true);
            yield return new OperatorCase($"move gather nd {type}", new GatherND(), [Of(type, 4, 5, 8), Places(true, [3, 2], 1, 2, -1, 0, 3, -5)]);
            yield return new OperatorCase($"move gather nd batch {type}", new GatherND { BatchAxes = 1 }, [Of(type, 2, 5, 3), Places(true, [2, 3, 1], 1, 2, -1, 0, 3, -5)]);
            yield return new OperatorCase($"move scatter nd {type}", new ScatterND(), [Of(type, 4, 5, 3), Places(true, [3, 2], 1, 2, -1, 0, 1, 2), Of(type, 3, 3)]);
            yield return new OperatorCase($"move scatter nd whole {type}", new ScatterND(), [Of(type, 4, 5), Places(true, [2, 1], 3, 1), Of(type, 2, 5)]);
        }
    }

    private static CaseInput Of(DataType type, params int[] shape) => new(new TensorType(type, shape));

    private static CaseInput Places(bool known, int[] shape, params long[] values) => new(new TensorType(DataType.I64, shape), Constant: known, Values: values);
}
