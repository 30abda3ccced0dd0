using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Tools.Conversion;
using Xunit;

namespace EdgeRuntime.Tests.Pipelines;

/// <summary>The generator model writes, the same for a seed, and nothing else for another prompt.</summary>
public class TextGeneratorTests
{
    [Theory]
    [InlineData("generator.onnx")]
    [InlineData("generator.edge")]
    public void It_writes_words_of_the_language_it_was_trained_with(string file)
    {
        using LoadedModel loaded = ModelLoader.Load(Repository.File("models", file), stop: TestContext.Current.CancellationToken);
        using var generator = new TextGenerator(loaded.Model, new TextGeneratorOptions { Temperature = 0.5f, Seed = 1 });
        string text = Write(generator, "It was a ", 600);
        string[] words = text.Split([' ', '\n', '.', ',', ';', '"', '!', '?'], StringSplitOptions.RemoveEmptyEntries);
        string[] common = ["the", "of", "to", "and", "a", "in", "was", "her", "she", "he", "be", "it", "had", "not", "that", "as", "for", "with", "his", "I", "you", "have"];
        Assert.InRange(words.Count(common.Contains), words.Length / 5, words.Length);
        Assert.InRange(words.Average(w => w.Length), 3, 6);
    }

    [Fact]
    public void The_same_seed_gives_the_same_text_and_another_one_another()
    {
        using LoadedModel loaded = ModelLoader.Load(Repository.File("models", "generator.onnx"), stop: TestContext.Current.CancellationToken);
        using var first = new TextGenerator(loaded.Model, new TextGeneratorOptions { Seed = 7 });
        using var second = new TextGenerator(loaded.Model, new TextGeneratorOptions { Seed = 7, Threads = 1 });
        using var other = new TextGenerator(loaded.Model, new TextGeneratorOptions { Seed = 8 });
        using var likeliest = new TextGenerator(loaded.Model, new TextGeneratorOptions { Seed = 7, Temperature = 0 });
        using var likeliestToo = new TextGenerator(loaded.Model, new TextGeneratorOptions { Seed = 8, Temperature = 0 });
        string text = Write(first, "Mr. ", 200);
        Assert.Equal(text, Write(second, "Mr. ", 200));
        Assert.NotEqual(text, Write(other, "Mr. ", 200));
        Assert.NotEqual(text, Write(likeliest, "Mr. ", 200));
        Assert.Equal(Write(likeliestToo, "Mr. ", 200), Again(likeliest));
        Assert.Equal(text, Again(first));
        first.Reset();
        Assert.NotEqual(text, Write(first, "The ", 200));

        static string Again(TextGenerator generator)
        {
            generator.Reset();
            return Write(generator, "Mr. ", 200);
        }
    }

    [Fact]
    public void Letters_that_the_model_does_not_know_are_skipped_and_no_prompt_is_needed()
    {
        using LoadedModel loaded = ModelLoader.Load(Repository.File("models", "generator.edge"), stop: TestContext.Current.CancellationToken);
        using var generator = new TextGenerator(loaded.Model);
        Assert.Equal(3, generator.Read("a€b\t灯"));
        generator.Reset();
        Assert.Equal(0, generator.Read(""));
        Assert.Contains(generator.Next().ToString(), loaded.Model.Metadata.Labels);
    }

    [Fact]
    public void Allocates_nothing_per_letter()
    {
        using LoadedModel loaded = ModelLoader.Load(Repository.File("models", "generator.edge"), stop: TestContext.Current.CancellationToken);
        using var generator = new TextGenerator(loaded.Model);
        for (int i = 0; i < 100; i++) generator.Next();
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (int i = 0; i < 50; i++) generator.Next();
        }));
    }

    [Fact]
    public void Refuses_models_that_do_not_say_what_it_needs()
    {
        using LoadedModel loaded = ModelLoader.Load(Repository.File("models", "generator.edge"), stop: TestContext.Current.CancellationToken);
        ModelMetadata said = loaded.Model.Metadata;
        AssertRefused(said with { Labels = [] }, "letter");
        AssertRefused(said with { Labels = [.. said.Labels.Skip(1)] }, "expects");
        AssertRefused(said with { Labels = [.. said.Labels.Skip(1), said.Labels[1]] }, "twice");
        AssertRefused(said with { State = new Dictionary<string, string>() }, "state");
        AssertRefused(said with { State = new Dictionary<string, string> { ["h"] = "logits", ["c"] = "c_out" } }, "logits");
        AssertRefused(said with { Task = "chess" }, "chess");

        void AssertRefused(ModelMetadata metadata, string part)
        {
            EdgeException error = Assert.Throws<EdgeException>(() => new TextGenerator(new EdgeModel(loaded.Model.Graph, metadata)));
            Assert.Equal(ErrorCode.WrongTask, error.Code);
            Assert.Contains(part, error.Problem);
        }
    }

    private static string Write(TextGenerator generator, string prompt, int count)
    {
        generator.Read(prompt);
        return string.Concat(Enumerable.Range(0, count).Select(_ => generator.Next()));
    }
}
