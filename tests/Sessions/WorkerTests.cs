using System.Collections;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Inference;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;
using Xunit;

namespace EdgeRuntime.Tests.Sessions;

/// <summary>The names of Sentis do what they do there.</summary>
public class WorkerTests
{
    [Fact]
    public async Task Scheduled_at_once_or_in_steps_a_model_gives_what_a_session_gives()
    {
        using Model model = ModelLoader.Load(Repository.File("models", "blazeface-front.edge"));
        using var session = new InferenceSession(model.Edge.Graph);
        using var worker = new Worker(model, BackendType.CPU);
        using var input = new Tensor<float>(new TensorShape(session.Input(0).Shape.Span));
        var random = new Random(1);
        for (int i = 0; i < input.Count; i++) input[i] = random.NextSingle();
        input.AsSpan().CopyTo(session.Input(0).Span<float>());
        session.Run();
        float[] expected = session.Output(0).Span<float>().ToArray();

        worker.Schedule(input);
        var output = (Tensor<float>)worker.PeekOutput();
        using (Tensor<float> copy = output.ReadbackAndClone()) Assert.Equal(expected, copy.DownloadToArray());
        Assert.True(output.IsReadbackRequestDone());

        input.AsSpan().Clear();
        worker.Schedule(input);
        using (Tensor<float> zeros = await ((Tensor<float>)worker.PeekOutput(model.Outputs[0])).ReadbackAndCloneAsync()) Assert.NotEqual(expected, zeros.DownloadToArray());

        input.Upload(session.Input(0).Span<float>());
        worker.StepTime = TimeSpan.FromTicks(100);
        int steps = 0;
        for (IEnumerator iterable = worker.ScheduleIterable(input); iterable.MoveNext();) steps++;
        Assert.True(steps > 1, $"{steps} steps");
        using var target = new Tensor<float>(output.Shape);
        worker.CopyOutput(model.Outputs[0], target);
        Assert.Equal(expected, target.DownloadToArray());
        Assert.Equal((output.Shape.Length, DataType.F32), (output.Count, output.DataType));
    }

    [Fact]
    public void What_does_not_fit_is_told_where_it_is_scheduled()
    {
        using Model model = ModelLoader.Load(File.ReadAllBytes(Repository.File("models", "blazeface-front.edge")));
        using var worker = new Worker(model, BackendType.CPU);
        using var wrong = new Tensor<float>(new TensorShape(1, 2, 3), [1, 2, 3, 4, 5, 6]);
        Assert.Equal(ErrorCode.InputMismatch, Assert.Throws<EdgeException>(() => worker.Schedule()).Code);
        Assert.Equal(ErrorCode.InputMismatch, Assert.Throws<EdgeException>(() => worker.Schedule(wrong)).Code);
        Assert.Equal(ErrorCode.InputMismatch, Assert.Throws<EdgeException>(() => worker.Schedule(wrong, wrong)).Code);
        Assert.Equal((3, 6, 2, new TensorShape(1, 2, 3)), (wrong.Shape.Rank, wrong.Shape.Length, wrong.Shape[-2], wrong.Shape));
    }

    [Fact]
    public void A_worker_can_be_disposed_in_the_middle_of_a_run()
    {
        using Model model = ModelLoader.Load(Repository.File("models", "blazeface-front.edge"));
        for (int i = 0; i < 10; i++)
        {
            using var worker = new Worker(model, BackendType.CPU);
            using var input = new Tensor<float>(new TensorShape(model.Edge.Graph.Inputs[0].Type.Shape.Span));
            worker.Schedule(input);
            worker.Schedule();
        }
    }
}
