using EdgeRuntime.Operators;
using EdgeRuntime.Planning;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tests.Unit;
using EdgeRuntime.Tools.Conversion;
using EdgeRuntime.Tools.Onnx;
using EdgeRuntime.Tools.Onnx.Proto;
using EdgeRuntime.Tools.Verification;
using Xunit;
using static EdgeRuntime.Tests.Unit.OnnxModels;

namespace EdgeRuntime.Tests.Verification;

/// <summary>Choices of a source model are opened for comparing what is inside of the branches that are taken.</summary>
public class OpenedBranchesTests
{
    [Theory]
    [InlineData(true, "Relu", "Exp", "Identity")]
    [InlineData(false, "Neg")]
    public void The_branch_that_is_taken_stands_in_place_of_the_choice(bool condition, params string[] operators)
    {
        OnnxModel source = Source();
        using Tensor x = Tensor.From(new Shape(2, 3), -1f, 2, -3, 4, -5, 6), c = Condition(condition);
        OnnxModel opened = OpenedBranches.Of(source, new InterpretedReference(), [("x", x.View), ("c", c.View)])!;
        Assert.Equal(operators, opened.Proto.Graph.Node.Select(n => n.OpType));
        Assert.Equal("If", Assert.Single(source.Proto.Graph.Node).OpType);
        using var session = new InferenceSession(Converter.Convert(opened).Model.Graph, new SessionOptions { Threads = 1 });
        session.Run([x.View, c.View]);
        Assert.Equal(condition ? MathF.Exp(2) : -2, session.Output(0).Span<float>()[1], 4);
    }

    [Fact]
    public void A_wrong_layer_inside_of_a_branch_is_named()
    {
        static bool IsWrong(PlanStep step) => step.Operator is If or Unary { Function: UnaryFunction.Exp };
        OnnxModel source = Source();
        using Tensor x = Tensor.From(new Shape(2, 3), -1f, 2, -3, 4, -5, 6), c = Condition(true);
        using var backend = new WrongBackend(IsWrong);
        using var model = Converter.Convert(source).Model;
        (OnnxModel compared, IReadOnlyList<LayerResult> layers) = OpenedBranches.Compare(model.Graph, source, new InterpretedReference(), [x, c], TensorDifference.FloatTolerance,
            new SessionOptions { Threads = 1, Accelerator = backend });
        Assert.NotSame(source, compared);
        Assert.Equal("e", layers.First(l => !l.Passed).Name);
    }

    [Fact]
    public void A_model_without_choices_stays_as_it_is() =>
        Assert.Null(OpenedBranches.Of(Model(Node("Relu", "relu", ["x"], "y")).AsRead(), new InterpretedReference(), []));

    private static Tensor Condition(bool value) => Tensor.From(new Shape(), value);

    /// <summary>y = c ? exp(relu(x)) : -x; the second branch calls its result as the choice does.</summary>
    private static OnnxModel Source()
    {
        NodeProto choice = Node("If", "choice", ["c"], "y");
        choice.Attribute.Add(Branch("then_branch", "e", Node("Relu", "relu", ["x"], "r"), Node("Exp", "exp", ["r"], "e")));
        choice.Attribute.Add(Branch("else_branch", "y", Node("Neg", "neg", ["x"], "y")));
        ModelProto model = Model(choice);
        model.Graph.Input[0] = Info("x", F32, 2, 3);
        model.Graph.Input.Add(Info("c", 9));
        return model.AsRead();
    }

    private static AttributeProto Branch(string name, string output, params NodeProto[] nodes)
    {
        var body = new GraphProto { Name = name };
        body.Node.AddRange(nodes);
        body.Output.Add(Info(output, F32, 2, 3));
        return new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Graph, G = body };
    }
}
