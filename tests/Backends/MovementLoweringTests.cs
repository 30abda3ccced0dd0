using EdgeRuntime.Backends.Gpu;
using EdgeRuntime.Operators;
using EdgeRuntime.Planning;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tests.Conformance;
using Xunit;

namespace EdgeRuntime.Tests.Backends;

/// <summary>Which kernel moves what: fours where both sides have them, blocks in registers where axes are exchanged, single elements else.</summary>
public class MovementLoweringTests
{
    [Theory]
    [InlineData("1x2x24x484", "0 2 1 3", DataType.F32, "copy4")]
    [InlineData("36x20", "1 0", DataType.F32, "transpose4")]
    [InlineData("1x3x8x6", "0 2 3 1", DataType.F32, "interleave")]
    [InlineData("1x8x6x3", "0 3 1 2", DataType.F32, "deinterleave")]
    [InlineData("20x20x58x2", "0 1 3 2", DataType.F32, "pick")]
    [InlineData("1x5x3x7", "0 2 3 1", DataType.F32, "copy")]
    [InlineData("2x5x3x8", "0 2 1 3", DataType.I32, "copy_words4")]
    [InlineData("36x20", "1 0", DataType.I64, "copy_words")]
    [InlineData("3x5x8", "1 0 2", DataType.U8, "copy_words")]
    [InlineData("3x5x8", "2 0 1", DataType.U8, "pick_parts")]
    public void Transposes(string shape, string permutation, DataType type, string kernel)
    {
        var op = new Transpose { Permutation = [.. permutation.Split(' ').Select(int.Parse)] };
        Assert.Equal(kernel, Lower(op, new CaseInput(new TensorType(type, [.. shape.Split('x').Select(int.Parse)]))).Candidates[0].Dispatches[0].Kernel);
    }

    [Fact]
    public void Many_elements_are_shared_out_by_several_an_invocation()
    {
        GpuCandidate[] ways = [.. Lower(new Transpose { Permutation = [1, 0] }, new CaseInput(new TensorType(DataType.F32, 256, 512))).Candidates];
        Assert.Equal(["transpose4_4", "transpose4", "pick"], ways.Select(w => w.Name));
        Assert.Equal(4 * ways[0].Dispatches[0].Groups.Count, ways[1].Dispatches[0].Groups.Count);
    }

    [Fact]
    public void Pieces_are_moved_one_by_one_and_those_without_elements_not_at_all()
    {
        CaseInput Piece(int size) => new(new TensorType(DataType.F32, 6, size));
        Assert.Equal(["copy", "copy"], Lower(new Concat { Axis = 1 }, Piece(1), Piece(0), Piece(4)).Candidates[0].Dispatches.Select(d => d.Kernel));
        Assert.Empty(Lower(new Slice { Starts = [3], Ends = [3], Axes = [1] }, Piece(4)).Candidates[0].Dispatches);
    }

    private static GpuLowering Lower(Operator op, params CaseInput[] inputs)
    {
        ExecutionPlan plan = Planner.Plan(new OperatorCase("case", op, inputs).Graph());
        return GpuKernels.Lower(plan, plan.Steps[0], new GpuTraits { Api = "vulkan", Device = "the least that Vulkan promises" }, out _);
    }
}
